import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout } from "../../../components/provider/checkout.ts";
import { command } from "../../../components/provider/command.ts";
import { files } from "../../../components/provider/files.ts";
import { generatedSecret } from "../../../components/provider/generated-secret.ts";
import { volume } from "../../../components/provider/volume.ts";
import { type TestHost, testHost } from "../host.ts";
import { testProvider } from "./contract.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.dispose());

describe("files", () => {
  const inputs = { folder: "thing", files: { "a.conf": "one", "b.conf": "two" }, unprivileged: false };
  testProvider(files, {
    resource: "Files",
    host: () => host,
    inputs: () => inputs,
    changed: () => ({ ...inputs, files: { "a.conf": "other" } }),
  });

  it("are readable by their owner only, and a file that is no longer named goes", async () => {
    const context = host.context("thing");
    const { id, outputs } = await files.create(inputs, context);
    expect((await stat(outputs.path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(outputs.path, "a.conf"))).mode & 0o777).toBe(0o600);
    await files.update?.(id, { ...inputs, files: { "a.conf": "1" } }, { inputs, outputs }, context);
    expect(await readdir(outputs.path)).toEqual(["a.conf"]);
  });

  it("stand in folders where their names have them, which go with the last of them", async () => {
    const context = host.context("thing");
    const nested = { ...inputs, files: { "a.conf": "1", "site/css/a.css": "a", "site/b.css": "b" } };
    const { id, outputs } = await files.create(nested, context);
    expect(await readFile(join(outputs.path, "site/css/a.css"), "utf8")).toBe("a");
    expect((await stat(join(outputs.path, "site/css"))).mode & 0o777).toBe(0o700);
    expect((await files.read?.(id, nested, outputs, context))?.hash).toBe(outputs.hash);
    const fewer = { ...inputs, files: { "a.conf": "1", "site/b.css": "b" } };
    await files.update?.(id, fewer, { inputs: nested, outputs }, context);
    expect((await readdir(outputs.path, { recursive: true })).sort()).toEqual(["a.conf", "site", "site/b.css"]);
  });

  it("changed by hand show as another hash", async () => {
    const context = host.context("thing");
    const { id, outputs } = await files.create(inputs, context);
    await writeFile(join(outputs.path, "a.conf"), "by hand");
    const found = await files.read?.(id, inputs, outputs, context);
    expect(found?.hash).not.toBe(outputs.hash);
  });
});

describe("volume", () => {
  testProvider(volume, {
    resource: "Volume",
    host: () => host,
    inputs: () => ({ folder: "data", unprivileged: true }),
  });
});

describe("checkout", () => {
  testProvider(checkout, {
    resource: "Checkout",
    host: () => host,
    inputs: () => ({ folders: ["components"] }),
    keeps: true,
  });
});

describe("command", () => {
  const inputs = {
    command: ["/bin/sh", "-c", "echo $GREETING"],
    env: { GREETING: "hi" },
    cwd: "/",
    timeout: 60_000,
    triggers: [],
  };
  testProvider(command, { resource: "Command", host: () => host, inputs: () => inputs });

  it("that fails says what ran, how it ended and its last lines", async () => {
    const failing = { ...inputs, command: ["/bin/sh", "-c", "echo the cause >&2; exit 3"] };
    await expect(command.create(failing, host.context("job"))).rejects.toThrow(/exit code 3[\s\S]*the cause/);
  });

  it("that does not end is killed with its children", async () => {
    const marker = join(host.home.home, "late");
    const slow = { ...inputs, command: ["/bin/sh", "-c", `(sleep 2; touch ${marker}) & wait`], timeout: 300 };
    await expect(command.create(slow, host.context("job"))).rejects.toThrow(/no end after 0.3 s/);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await expect(stat(marker)).rejects.toThrow("ENOENT");
  });
});

describe("generated secret", () => {
  testProvider(generatedSecret, {
    resource: "GeneratedSecret",
    host: () => host,
    inputs: () => ({ name: "code/secret-key", length: 43, alphabet: "base64url" as const }),
    changed: (inputs) => ({ ...inputs, length: 20 }),
    keeps: true,
  });

  it("outlives its resource, so that kept data can be opened again", async () => {
    const context = host.context("secret");
    const inputs = { name: "code/administrator", length: 24, alphabet: "alphanumeric" as const };
    const first = await generatedSecret.create(inputs, context);
    await generatedSecret.delete(first.id, inputs, first.outputs, context);
    expect((await generatedSecret.create(inputs, context)).outputs).toEqual(first.outputs);
    expect(first.outputs.value).toMatch(/^[A-Za-z0-9]{24}$/);
    expect((await stat(host.paths.secrets)).mode & 0o777).toBe(0o600);
    expect(await host.secrets.list()).toContain("code/administrator");
  });

  it("is what the state has on a machine whose store does not know it", async () => {
    const inputs = { name: "code/elsewhere", length: 24, alphabet: "alphanumeric" as const };
    const outputs = { value: "made-on-another-machine", previous: "" };
    expect(await generatedSecret.read?.("code/elsewhere", inputs, outputs, host.context("secret"))).toEqual(outputs);
    const nothing = { value: "", previous: "" };
    expect(await generatedSecret.read?.("code/elsewhere", inputs, nothing, host.context("secret"))).toBeUndefined();
  });

  it("many at once are all kept", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `bulk/secret-${index}`);
    await Promise.all(names.map((name) => host.secrets.set(name, `value of ${name}`)));
    for (const name of names) expect(await host.secrets.get(name)).toBe(`value of ${name}`);
    expect(await readFile(host.paths.secrets, "utf8")).toContain("BULK__SECRET_29=");
  });
});
