import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { randomSecret } from "../../components/provider/generated-secret.ts";
import { stackPaths } from "../../components/provider/paths.ts";
import { keepOwnAnswers } from "../../installer/own-answers.ts";
import { memory } from "../../installer/preflight/checks/memory.ts";
import { envFileStore } from "../../installer/secrets/env-file.ts";
import { tunnelTo } from "../../installer/terminal/tunnel.ts";
import { commandLine } from "./command-line.ts";
import { run } from "./preflight/machine.ts";

// Each is what people reported of another platform's installer, tried on this one.

test("an answers file and other files that are there are never written over", async () => {
  const { folder, devflow } = await machine();
  const mine = "version: 1\n# my own\nprofile: minimal\n";
  await writeFile(join(folder, "devflow.yaml"), mine);
  await writeFile(join(folder, ".env"), "TOKEN=mine\n");
  const { code, stdout } = await devflow(["init", "--yes", "--json"]);
  expect(code).not.toBe(0);
  expect(JSON.parse(stdout).error.hint).toContain("--force");
  expect(await readFile(join(folder, "devflow.yaml"), "utf8")).toBe(mine);
  expect(await readFile(join(folder, ".env"), "utf8")).toBe("TOKEN=mine\n");
});

test("comments, empty lines and the line ends of another system in a file of secrets cost no secret", async () => {
  const file = join(await temporary(), "secrets.env");
  await writeFile(file, "\uFEFF# Mine\r\nPOSTGRES__SUPERUSER=one\r\n\r\n# SENTRY_DSN=xx\r\nCODE__SECRET_KEY=a=b#c\r\n");
  const store = envFileStore(file);
  await store.set("code/other", "two");
  expect(await Promise.all(["postgres/superuser", "code/secret-key", "code/other"].map(store.get))).toEqual([
    "one",
    "a=b#c",
    "two",
  ]);
  const text = await readFile(file, "utf8");
  for (const comment of ["# Mine", "# SENTRY_DSN=xx"]) expect(text).toContain(comment);
  expect(text.match(/back this file up/gi)).toHaveLength(1);
});

test("a machine sold with 4 GB of memory, of which the system shows 3.8, runs the standard profile", async () => {
  const folder = await temporary();
  await writeFile(join(folder, "meminfo"), "MemTotal: 3981312 kB\nMemAvailable: 3300000 kB\nSwapFree: 0 kB\n");
  expect(await run(memory, { folder, memory: 1300 }, { os: "linux", proc: folder, cgroup: folder })).toMatchObject({
    status: "ok",
  });
});

test("brought up again in the wrong folder a stack gets no new answers: those it was made with are missed", async () => {
  const { folder, devflow, paths } = await machine();
  await mkdir(paths.root, { recursive: true });
  await keepOwnAnswers(paths, join(folder, "gone", "devflow.yaml"));
  const { code, stdout } = await devflow(["up", "--yes", "--json"]);
  expect([code, JSON.parse(stdout).error]).toEqual([3, expect.objectContaining({ code: "CONFIG_MISSING" })]);
  expect(stdout).toContain("gone/devflow.yaml");
  await expect(readFile(join(folder, "devflow.yaml"))).rejects.toThrow("ENOENT");
});

test("where nobody can be asked nothing waits for an answer, and what to add is said", async () => {
  const { devflow } = await machine();
  for (const command of ["up", "init"]) {
    const { code, stdout } = await devflow([command, "--json"]);
    expect([command, code]).not.toEqual([command, 0]);
    expect(JSON.parse(stdout).error.hint).toContain("--yes");
  }
});

test("names of people and organisations are written as they are, whatever the locale of the shell", async () => {
  for (const locale of [{}, { LC_ALL: "POSIX" }, { LC_ALL: "xx_XX.ISO-8859-1" }]) {
    const { folder, devflow } = await machine(locale);
    await devflow(["init", "--yes", "--set", "organisation.name=Müller & Söhne 株式会社"]);
    expect(await readFile(join(folder, "devflow.yaml"), "utf8")).toContain("name: Müller & Söhne 株式会社");
  }
});

test("generated passwords fit into the address of a database as they are", () => {
  for (const alphabet of ["base64url", "hex", "alphanumeric"] as const) {
    const made = randomSecret({ length: 2000, alphabet });
    expect(new URL(`postgres://user:${made}@localhost:5432/name`).password).toBe(made);
  }
});

test("whoever installs over SSH is told how to reach an address of that machine alone", () => {
  const env = { SSH_CONNECTION: "10.0.0.9 51234 203.0.113.7 22", USER: "ada" };
  expect(tunnelTo("http://localhost:4400", env)).toBe("ssh -L 4400:localhost:4400 ada@203.0.113.7");
  const odd = { SSH_CONNECTION: "fe80::2 51234 fe80::1 2222" };
  expect(tunnelTo("http://code.localhost:4420", odd)).toBe("ssh -p 2222 -L 4420:localhost:4420 fe80::1");
  expect(tunnelTo("http://localhost:4400", {})).toBe(undefined);
  expect(tunnelTo("https://dev.example.com", env)).toBe(undefined);
});

/** A folder with nothing in it, and the command line there without a terminal. */
async function machine(env: Record<string, string> = {}) {
  const { folder, devflow } = await commandLine("http://127.0.0.1:4401", "none", env);
  return { folder, devflow, paths: stackPaths(join(folder, "home"), "local") };
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-peers-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
