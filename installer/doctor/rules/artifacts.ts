import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnosis, DoctorInput, Rule } from "../diagnosis.ts";

/** Programs in the cache that are incomplete or not what was unpacked: a bad disk, a cut-off copy, a clean-up tool. */
export const artifacts: Rule = {
  id: "artifacts",
  heavy: true,
  async run({ artifacts: cache, home, records }) {
    if (!cache) return [];
    const complete = await cache.list();
    const names = await readdir(join(home.cache, "artifacts")).catch(() => []);
    const known = new Set(complete.map(({ id }) => id));
    const incomplete = names.filter((name) => !name.startsWith(".") && !known.has(name));
    // Every byte is read, so only what this stack runs is compared.
    const commands = records.map(({ spec }) => JSON.stringify([spec.command, spec.env]));
    const used = complete.filter(({ path }) => commands.some((command) => command.includes(path)));
    const damaged: Diagnosis[] = [];
    for (const artifact of used) damaged.push(...(await compare(cache, artifact)));
    return [...incomplete.map((id) => describe(id, join(home.cache, "artifacts", id), [])), ...damaged];
  },
};

type Cache = NonNullable<DoctorInput["artifacts"]>;

async function compare(
  cache: Cache,
  artifact: { id: string; name: string; version: string; path: string },
): Promise<Diagnosis[]> {
  // The catalogue no longer has programs of former releases, which then nothing runs any more.
  const bad = await cache.verify({ name: artifact.name, version: artifact.version }).catch(() => []);
  return bad.length > 0 ? [describe(`${artifact.name} ${artifact.version}`, artifact.path, bad)] : [];
}

function describe(what: string, path: string, bad: string[]): Diagnosis {
  return {
    id: bad.length > 0 ? "artifact-modified" : "artifact-incomplete",
    severity: "error",
    title: bad.length > 0 ? `files of ${what} are not what was unpacked` : `${what} is not complete in the cache`,
    detail: "It can be fetched or unpacked again; no data is in there.",
    evidence: bad.map((file) => join(path, file)),
    // A program that runs from there would lose its files, so a person decides when.
    fix: { command: `rm -rf ${path} && ./devflow up`, safe: false },
  };
}
