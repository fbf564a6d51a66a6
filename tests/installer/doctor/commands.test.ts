import { chmod, mkdir, writeFile } from "node:fs/promises";
import { Value } from "typebox/value";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Command, type Io, outcome } from "../../../installer/commands/command.ts";
import { doctor } from "../../../installer/commands/doctor.ts";
import { preflight } from "../../../installer/commands/preflight.ts";
import { CheckResult } from "../../../installer/preflight/index.ts";
import { heldPort, temporaryFolder } from "../preflight/machine.ts";

interface Ran {
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: data as it goes out as JSON, looked at field by field.
  data: any;
  out: string;
  err: string;
}

async function runCommand(command: Command, folder: string, options: object = {}, json = false): Promise<Ran> {
  const said = { out: "", err: "" };
  const io: Io = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    json,
    color: false,
    terminal: false,
    columns: 100,
    interactive: false,
    env: { ...process.env, LANG: "C.UTF-8", DEVFLOW_HOME: `${folder}/home`, DEVFLOW_CACHE: `${folder}/cache` },
    cwd: folder,
    signal: new AbortController().signal,
  };
  const { code, data } = outcome(await command.run?.({ options, args: [], io }));
  return { code, data: JSON.parse(JSON.stringify(data)), ...said };
}

test("the command preflight lists every check, and answers data that fits the schema with --json", async () => {
  await using folder = await temporaryFolder();
  await using held = await heldPort();
  const port = Math.min(held.port, 65_000);
  await writeFile(`${folder.path}/devflow.yaml`, `network:\n  port: ${port}\n`);
  const shown = await runCommand(preflight, folder.path);
  expect(shown.out).toMatch(/^ {2}[✓!] Processors .* processors?/m);
  expect(shown.err).toBe("");
  const { out, data, code } = await runCommand(preflight, folder.path, {}, true);
  expect(out).toBe("");
  expect(Value.Check(CheckResult, data.checks[0])).toBe(true);
  expect(code).toBe(data.ok ? 0 : 4);
  const ports = data.checks.find(({ name }: CheckResult) => name === "ports");
  expect(ports).toMatchObject({ status: "warn", change: { path: "network.port" } });
  // Whoever asks for it by name gets no other one.
  const asked = await runCommand(preflight, folder.path, { set: [`network.port=${port}`] }, true);
  expect(asked.data.checks.find(({ name }: CheckResult) => name === "ports")).toMatchObject({ status: "fail" });
});

test("the command preflight ends with 4 when a check fails", async () => {
  await using folder = await temporaryFolder();
  const { code, data, out } = await runCommand(preflight, folder.path, { set: ["network.bind=192.0.2.7"] });
  expect(code).toBe(4);
  expect(data.ok).toBe(false);
  expect(out).toContain("✗ Ports");
  expect(out).toContain("192.0.2.7 is no address of this machine");
});

test("the command doctor ends with 1 and names the fix; with --fix it does it and looks again", async () => {
  await using folder = await temporaryFolder();
  const stack = `${folder.path}/home/stacks/local`;
  await mkdir(stack, { recursive: true, mode: 0o700 });
  await writeFile(`${stack}/secrets.env`, "A=b\n");
  await chmod(`${stack}/secrets.env`, 0o644);
  // The machine's own hosts file is not for tests to change.
  vi.stubEnv("DEVFLOW_HOSTS_FILE", `${folder.path}/hosts`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const before = await runCommand(doctor, folder.path);
  expect(before.code).toBe(1);
  expect(before.out).toContain(`fix  chmod go-rwx ${stack}/secrets.env   (safe)`);
  const fixed = await runCommand(doctor, folder.path, { fix: true });
  expect(fixed.err).toContain(`closed ${stack}/secrets.env`);
  expect(fixed.data.fixed).toMatchObject([{ id: "permissions", done: true }]);
  expect(fixed.out).not.toContain("chmod");
  const after = await runCommand(doctor, folder.path, {}, true);
  expect(after.out).toBe("");
  expect(after.data.findings.map(({ id }: { id: string }) => id)).not.toContain("permissions");
  expect(after.code).toBe(after.data.ok ? 0 : 1);
});
