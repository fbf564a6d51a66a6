import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bench, bench } from "./bench.ts";
import { Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

const planted = "pl4nted/s3cret+value";
const token = "token-of-a";

/** Every file of the stack but the things themselves, which hold what the provider was given. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("things"))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

test("a secret is nowhere in the clear: state, journal, events, plan, outputs and errors", async () => {
  const seen: string[] = [];
  const program = (fails?: string) => async () => {
    const password = new pulumi.Config("devflow").requireSecret("password");
    const a = new Thing("a", { password, content: pulumi.interpolate`postgres://user:${password}@host` });
    new Thing("b", { content: { url: a.echo, token: a.token } });
    new Thing("c", { password, ...(fails ? { fails } : {}) });
    const leaky = a.token.apply((value) => {
      if (fails) throw new Error(`the token is ${value}`);
      return value;
    });
    pulumi.log.info(`logged ${planted}`);
    return { password, leaky, echo: a.echo };
  };
  const config = { "devflow:password": planted };
  for (const fails of ["create", undefined]) {
    for (const mode of ["preview", "up"] as const) {
      const result = await b.run(mode, program(fails), { config, secretConfig: ["devflow:password"] });
      const { steps, outputs, failed } = result;
      seen.push(JSON.stringify([steps, outputs, b.events, failed]));
      for (const { error } of failed) seen.push(`${error.message} ${error.stack} ${JSON.stringify(error.cause)}`);
      seen.push(...filesOf(b.folder).map((file) => readFileSync(file, "latin1")));
      if (mode === "up" && fails === undefined) {
        expect(outputs).toEqual({ password: "[secret]", leaky: "[secret]", echo: "[secret]" });
        expect(result.revealOutputs()).toMatchObject({ password: planted, leaky: token });
      }
    }
  }
  expect(filesOf(b.folder).length).toBeGreaterThanOrEqual(4);
  expect(seen.join("\n")).toContain("[secret]");
  for (const one of [planted, encodeURIComponent(planted), token]) {
    expect(seen.filter((text) => text.includes(one))).toEqual([]);
  }
});

test("outputs that hold a secret input are secret to the program, and stay so when nothing changes", async () => {
  const program = async () => {
    const a = new Thing("a", { content: pulumi.secret("deep-secret") });
    const isSecret = await Promise.all([a.echo, a.token, a.path].map((output) => pulumi.isSecret(output)));
    return { isSecret };
  };
  for (let run = 0; run < 2; run++) {
    expect((await b.up(program)).outputs).toEqual({ isSecret: [true, true, false] });
  }
});

test("a value that becomes secret is sealed in the state, though nothing else changes", async () => {
  const program = (wrap: boolean) => async () =>
    void new Thing("a", { content: wrap ? pulumi.secret("turned") : "turned" });
  await b.up(program(false));
  expect(readFileSync(b.state, "utf8")).toContain("turned");
  const result = await b.up(program(true));
  expect(result.changes).toMatchObject({ same: 1, update: 0 });
  expect(readFileSync(b.state, "utf8")).not.toContain("turned");
});
