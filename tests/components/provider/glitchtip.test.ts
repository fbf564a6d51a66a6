import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { glitchtipProject } from "../../../components/provider/glitchtip-project.ts";
import { type TestHost, testHost } from "../host.ts";
import { testProvider } from "./contract.ts";
import { glitchtip } from "./glitchtip.ts";

let host: TestHost;
let tracker: Awaited<ReturnType<typeof glitchtip>>;
const account = { email: "ada@example.com", password: "a password of the stack" };
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.dispose());
beforeEach(async () => {
  await tracker?.close();
  tracker = await glitchtip(account);
});
afterAll(() => tracker.close());

const inputs = (project = "Apps") => ({
  server: { api: { url: tracker.url, component: "errors" }, ...account },
  ...{ organisation: "Example Ltd", project, platform: "node" },
});

describe("a project of the error tracker", () => {
  testProvider(glitchtipProject, {
    resource: "GlitchtipProject",
    host: () => host,
    inputs: () => inputs(),
    keeps: true,
  });

  it("is made in its organisation, and a second one beside it, with one sign-in for all", async () => {
    const context = host.context("apps");
    const first = await glitchtipProject.create(inputs(), context);
    const second = await glitchtipProject.create(inputs("Functions"), context);
    expect(first.outputs.dsn).toBe(`https://${"a".repeat(32)}@errors.example.com/1`);
    expect(second.outputs.dsn).toMatch(/\/2$/);
    expect(tracker.organisations).toMatchObject([
      {
        name: "Example Ltd",
        teams: ["devflow"],
        projects: [{ name: "Apps", platform: "node" }, { name: "Functions" }],
      },
    ]);
    expect(tracker.sessions.size).toBe(1);
  });

  it("needs the password no more once it has a token, and asks for another when that one is gone", async () => {
    const context = host.context("apps");
    const made = await glitchtipProject.create(inputs(), context);
    const changed = { ...inputs(), server: { ...inputs().server, password: "another" } };
    expect(await glitchtipProject.create(changed, context)).toEqual(made);
    tracker.forget();
    await expect(glitchtipProject.create(changed, context)).rejects.toMatchObject({
      code: "COMPONENT_FAILED",
      message: expect.stringContaining("does not let ada@example.com in"),
      hint: expect.stringContaining("secrets get errors/administrator"),
    });
    expect(await glitchtipProject.create(inputs(), context)).toEqual(made);
    expect(tracker.tokens.size).toBe(1);
  });

  it("says what to do where a second factor is asked for, and never the password", async () => {
    tracker.requireSecondFactor();
    const refused = glitchtipProject.create(inputs(), host.context("other"));
    await expect(refused).rejects.toThrow(/does not let/);
    await expect(refused).rejects.not.toThrow(/a password of the stack/);
  });

  it("is not there any more when somebody deleted it, and still there when the tracker does not answer", async () => {
    const context = host.context("apps");
    const { id, outputs } = await glitchtipProject.create(inputs(), context);
    const given = inputs();
    expect(await glitchtipProject.read?.(id, given, outputs, context)).toEqual(outputs);
    tracker.organisations[0]?.projects.pop();
    expect(await glitchtipProject.read?.(id, given, outputs, context)).toBeUndefined();
    const away = { ...given, server: { ...given.server, api: { ...given.server.api, url: "http://127.0.0.1:1" } } };
    expect(await glitchtipProject.read?.(id, away, outputs, context)).toEqual(outputs);
  });
});
