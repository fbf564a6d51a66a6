import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackStatus } from "../../installer/run/status.ts";
import { running, type TestStack, testStack } from "./stack.ts";

/** The everyday life of a stack, in the order in which a person lives it. */
describe("a stack's life", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  });
  afterAll(() => stack.remove());

  const status = async (): Promise<StackStatus> => JSON.parse((await stack.devflow("status", "--json")).stdout);

  test("preview says what would be done and does nothing", async () => {
    const { code, stdout } = await stack.devflow("preview");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Plan {8}\+ 3 processes {3}\+ 1 database/);
    expect(existsSync(stack.paths.state)).toBe(false);
  });

  test("up without anybody to ask refuses to begin", async () => {
    const { code, stderr } = await stack.devflow("up");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--yes")]);
  });

  test("up brings everything up and says where it is", async () => {
    const { code, stdout, stderr } = await stack.devflow("up", "--yes");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/✓ postgres 18\.4: ready in \d/);
    expect(stderr).toContain(`Open     http://localhost:${stack.port}`);
    const page = await fetch(`http://localhost:${stack.port}/readyz`);
    expect(page.status).toBe(200);
  });

  test("the first administrator's link can be made again, and is for people or for programs", async () => {
    const { code, stdout, stderr } = await stack.devflow("users", "invite-link");
    expect([code, stderr]).toEqual([0, "Valid once, for 30 minutes.\n"]);
    expect(stdout).toMatch(new RegExp(`^http://localhost:${stack.port}/welcome#[A-Za-z0-9_-]{43}\n$`));
    const { link } = JSON.parse((await stack.devflow("users", "invite-link", "--json")).stdout) as { link: string };
    expect(link).toMatch(/\/welcome#[A-Za-z0-9_-]{43}$/);
    const page = await fetch(link);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<title>Welcome")]);
  });

  test("status is well and lists processes with their memory", async () => {
    const { code, stdout } = await stack.devflow("status");
    expect(code).toBe(0);
    expect(stdout).toMatch(/all ready/);
    const data = await status();
    expect(data.components.map(({ name, state }) => [name, state]).sort()).toEqual([
      ["platform", "ready"],
      ["postgres", "ready"],
      ["proxy", "ready"],
    ]);
    expect(data.components.every(({ memory }) => (memory ?? 0) > 2 ** 20)).toBe(true);
  });

  test("a second up has nothing to do, starts no run and restarts nothing", async () => {
    const before = await status();
    const { code, stderr } = await stack.devflow("up", "--yes");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Nothing to do: all 3 components are ready.")]);
    const after = await status();
    expect(after.run?.id).toBe(before.run?.id);
    expect(pids(after)).toEqual(pids(before));
  });

  test("logs show a component's lines and suggest a name for a typo", async () => {
    const { stdout } = await stack.devflow("logs", "postgres", "-n", "50");
    expect(stdout).toContain("ready to accept connections");
    const wrong = await stack.devflow("logs", "postgers");
    expect([wrong.code, wrong.stderr]).toEqual([11, expect.stringContaining("Did you mean postgres?")]);
  });

  test("restart gives a component another process and no other, and logs -f shows it", async () => {
    const follower = stack.start("logs", "platform", "-f", "-n", "0", "--json");
    const before = pids(await status());
    expect((await stack.devflow("restart", "platform")).code).toBe(0);
    await follower.shows(/"process":"platform","component":"platform","line":".*Server listening/);
    follower.child.kill("SIGINT");
    expect((await follower.ended).code).toBe(0);
    const after = pids(await status());
    expect(after.platform).not.toBe(before.platform);
    expect(after.postgres).toBe(before.postgres);
  });

  test("a generated credential is listed by name and shown on request", async () => {
    const listed = await stack.devflow("credentials");
    expect(listed.stdout.split("\n")).toContain("postgres/superuser");
    const shown = await stack.devflow("credentials", "postgres/superuser");
    expect(shown.stdout).toMatch(/^\S{16,}\n$/);
    expect(listed.stdout).not.toContain(shown.stdout.trim());
  });

  test("down leaves no process and keeps the data, up brings it back", async () => {
    const before = await status();
    const { code, stderr } = await stack.devflow("down");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/✓ platform stopped\n[\s\S]*Stopped 3 processes/)]);
    expect(await Promise.all(Object.values(pids(before)).map(running))).not.toContain(true);
    expect((await stack.devflow("status")).code).toBe(1);
    const again = await stack.devflow("up", "--yes");
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("Open     http://")]);
    expect((await status()).state).toBe("ready");
  });

  test("destroy wants the stack's name and then leaves nothing", async () => {
    const before = await status();
    expect((await stack.devflow("destroy", "--yes")).code).toBe(2);
    expect((await stack.devflow("destroy", "--yes", "--confirm", "other")).code).toBe(2);
    const { code, stderr } = await stack.devflow("destroy", "--yes", "--confirm", "local");
    expect([code, stderr]).toEqual([0, expect.stringContaining("makes no backups of a local stack yet")]);
    expect(existsSync(stack.paths.root)).toBe(false);
    expect(await Promise.all(Object.values(pids(before)).map(running))).not.toContain(true);
    expect((await stack.devflow("destroy", "--yes", "--confirm", "local")).code).toBe(11);
  });
});

function pids(status: StackStatus): Record<string, number> {
  const processes = status.components.flatMap((component) => component.processes);
  return Object.fromEntries(processes.map(({ name, pid }) => [name, pid ?? 0]));
}
