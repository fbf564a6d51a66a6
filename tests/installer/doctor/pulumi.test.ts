import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../../installer/doctor/diagnose.ts";
import { fixSafe } from "../../../installer/doctor/index.ts";
import { pulumiLock } from "../../../installer/doctor/rules/pulumi-lock.ts";
import { pulumiPending } from "../../../installer/doctor/rules/pulumi-pending.ts";
import { inputFor, temporaryFolder } from "../preflight/machine.ts";

/** A stack of Pulumi's file backend, with the files that its CLI writes there. */
async function stackOfPulumi() {
  const folder = await temporaryFolder();
  const input = inputFor({ folder: folder.path });
  const settings = { ...input.settings, stack: { name: "box", kind: "onprem" as const }, engine: { parallel: 8 } };
  const state = join(input.paths.root, "pulumi", "state", ".pulumi");
  const locks = join(state, "locks", "organization", "devflow", "box");
  const lock = join(locks, "4f6d31a2-6b0e-4f53-a51c-3f7f0d8f1a55.json");
  return {
    lock,
    look: () => diagnose({ ...input, settings }, { rules: [pulumiLock, pulumiPending] }),
    async lockedBy(holder: { pid: number; hostname: string; timestamp?: string }) {
      await mkdir(locks, { recursive: true });
      const timestamp = new Date().toISOString();
      await writeFile(lock, JSON.stringify({ username: "ada", timestamp, ...holder }));
    },
    async cutOffIn(...operations: { type: string; name: string }[]) {
      const resource = (name: string) => ({
        urn: `urn:pulumi:box::devflow::docker:index/container:Container::${name}`,
        custom: true,
        type: "docker:index/container:Container",
        inputs: { __defaults: [], image: "example/app:1" },
      });
      const stacks = join(state, "stacks", "devflow");
      await mkdir(stacks, { recursive: true });
      const pending_operations = operations.map(({ type, name }) => ({ type, resource: resource(name) }));
      const latest = { manifest: { time: "2026-11-24T11:00:00Z", magic: "", version: "v3.270.0" }, pending_operations };
      const checkpoint = { stack: "organization/devflow/box", latest };
      await writeFile(join(stacks, "box.json"), JSON.stringify({ version: 3, checkpoint }));
    },
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** No process has it: Linux counts to four million. */
const nobody = 4_194_305;

describe("doctor on a stack of Pulumi", () => {
  test("doctor has nothing to say of a stack that Pulumi never made", async () => {
    await using stack = await stackOfPulumi();
    expect(await stack.look()).toEqual([]);
  });

  test("doctor lets go of a killed update's hold, and only of that", async () => {
    await using stack = await stackOfPulumi();
    await stack.lockedBy({ pid: nobody, hostname: hostname() });
    const found = await stack.look();
    expect(found).toMatchObject([{ id: "pulumi-lock-abandoned", severity: "error", fix: { safe: true } }]);
    await stack.lockedBy({ pid: process.pid, hostname: hostname() });
    expect(await fixSafe(found)).toMatchObject([{ result: "left it alone: its process lives" }]);
    expect(existsSync(stack.lock)).toBe(true);
    expect(await stack.look()).toEqual([]);
    await stack.lockedBy({ pid: nobody, hostname: hostname() });
    expect(await fixSafe(await stack.look())).toMatchObject([{ done: true }]);
    expect(existsSync(stack.lock)).toBe(false);
  });

  test("doctor does not judge what another machine holds, until it takes too long", async () => {
    await using stack = await stackOfPulumi();
    await stack.lockedBy({ pid: nobody, hostname: "elsewhere" });
    expect(await stack.look()).toEqual([]);
    await stack.lockedBy({ pid: nobody, hostname: "elsewhere", timestamp: "2026-01-01T00:00:00Z" });
    expect(await stack.look()).toMatchObject([{ id: "pulumi-lock-held", fix: { safe: false } }]);
  });

  test("doctor says what a cut off update may have left behind, and forgets none of it", async () => {
    await using stack = await stackOfPulumi();
    await stack.cutOffIn({ type: "creating", name: "proxy" }, { type: "updating", name: "code" });
    const [found] = await stack.look();
    expect(found).toMatchObject({ id: "pulumi-pending", fix: { safe: false } });
    expect(found?.evidence).toEqual([
      "creating docker:index/container:Container proxy",
      "updating docker:index/container:Container code",
    ]);
    expect(found?.fix?.command).toContain("pulumi refresh --stack box");
  });

  test("doctor sees nothing cut off while an update is at work", async () => {
    await using stack = await stackOfPulumi();
    await stack.cutOffIn({ type: "creating", name: "proxy" });
    await stack.lockedBy({ pid: process.pid, hostname: hostname() });
    expect(await stack.look()).toEqual([]);
  });
});
