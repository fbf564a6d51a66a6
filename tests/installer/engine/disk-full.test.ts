import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bench } from "./bench.ts";
import { calls, thingProviders, things } from "./thing.ts";
import { Thing } from "./thing-resource.ts";

const child = join(import.meta.dirname, "disk-child.ts");

/** A real limit: no file may grow past 64 KiB, which any user may ask for; the write then fails as on a full disk. */
function upWithLittleSpace(folder: string, made: string, size: number): { code?: string; message?: string } {
  const script = `ulimit -f $1; shift; exec "$@"`;
  const blocks = "64";
  const node = [process.execPath, child, folder, made, String(size)];
  return JSON.parse(execFileSync("bash", ["-c", script, "bash", blocks, ...node], { encoding: "utf8" }));
}

const cases = {
  "while it works, but not for its account": { size: 8000, told: { failed: ["DISK_FULL"] } },
  "even for its account": { size: 33_000, told: { code: "DISK_FULL", message: expect.stringContaining("state.json") } },
};

for (const [when, { size, told }] of Object.entries(cases)) {
  test(`a disk without space ${when} stops the run, loses nothing, and the next run goes on`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "devflow-disk-"));
    const made = mkdtempSync(join(tmpdir(), "devflow-disk-things-"));
    const b = bench(folder);
    try {
      expect(upWithLittleSpace(folder, made, size)).toMatchObject(told);
      const there = things(made);
      expect(there.length).toBeGreaterThan(0);
      expect(there.length).toBeLessThan(12);
      const known = await b.load();
      const named = [...known.resources.values(), ...[...known.pending.values()].map(({ resource }) => resource)];
      expect(there.filter((id) => !named.some(({ urn }) => urn.endsWith(`::${id}`)))).toEqual([]);

      const providers = thingProviders(made);
      const result = await b.up(async () => void new Thing("t0", { content: "x".repeat(size) }), { providers });
      expect(result.failed).toEqual([]);
      expect(things(made)).toEqual(["t0"]);
      expect(calls(made).filter((line) => line === "create t0 new")).toHaveLength(1);
      expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    } finally {
      b.remove();
      rmSync(made, { recursive: true, force: true });
    }
  });
}
