import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { stringify } from "yaml";
import type { Source, Unpack } from "../../../components/catalogue/index.ts";
import type { Progress } from "../../../components/provider/host.ts";
import { type ArtifactCache, type ArtifactSettings, createArtifacts } from "../../../installer/artifacts/index.ts";
import { sha256 } from "./archives.ts";
import { type Mirror, startMirror } from "./mirror.ts";

export const tool = { name: "tool", version: "1.0.0" };
const takeAll: Unpack = { format: "zip", take: [{ from: "tool", to: "." }] };

/** A cache, a catalogue of one program and a mirror, new for each test. */
export interface Bench {
  folder: string;
  cache: string;
  catalogue: string;
  mirror: Mirror;
  /** All that was reported since the start of the test. */
  reports: Progress[];
  /** Writes the catalogue's entry of a program. */
  describe(sources: Source[], name?: string): Promise<void>;
  /** Puts a wheel on the mirror's index; gives its source and path. */
  wheel(
    content: Buffer,
    options?: { unpack?: Unpack; package?: string },
  ): { source: Source; path: string; sha: string };
  /** A new run of the resolver: what it has learnt of hosts is its own. */
  open(settings?: ArtifactSettings): ArtifactCache;
  obtain(settings?: ArtifactSettings, name?: string): Promise<{ path: string; source: string }>;
}

/** Milliseconds that keep the tests short; one test uses the real ones. */
export const quick = { answer: 1000, stall: 2000, retry: 10 };

export function useBench(): Bench {
  const bench = {} as Bench;
  const opened: ArtifactCache[] = [];
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), "devflow-artifacts-"));
    const mirror = await startMirror();
    const reports: Progress[] = [];
    const catalogue = join(folder, "catalogue");
    Object.assign(bench, { folder, cache: join(folder, "cache"), catalogue, mirror, reports });
    await mkdir(catalogue);
    bench.describe = (sources, name = "tool") => writeFile(join(catalogue, `${name}.yaml`), entry(name, sources));
    bench.wheel = (content, { unpack = takeAll, package: name = "tool-bin" } = {}) => {
      const file = `${name}-1.0.0.whl`;
      const path = `/files/${file}`;
      const sha = sha256(content);
      const index = { files: [{ filename: file, url: `../..${path}`, hashes: { sha256: sha } }] };
      const type = "application/vnd.pypi.simple.v1+json";
      mirror.files.set(`/simple/${name}/`, { content: Buffer.from(JSON.stringify(index)), type });
      mirror.files.set(path, { content });
      const purl = `pkg:pypi/${name}@1.0.0`;
      return { path, sha, source: { kind: "pypi", purl, file, digest: { sha256: sha }, size: content.length, unpack } };
    };
    bench.open = (settings = {}) => {
      const mirrors = { pypi: `${mirror.url}/simple`, npm: mirror.url, maven: mirror.url, official: mirror.url };
      const all = { patience: quick, ...settings, mirrors: { ...mirrors, ...settings.mirrors } };
      const artifacts = createArtifacts({ cache: bench.cache, catalogue, platform: "linux-x64", settings: all });
      opened.push(artifacts);
      return artifacts;
    };
    bench.obtain = (settings, name = "tool") =>
      bench
        .open(settings)
        .obtain(
          { ...tool, name },
          { signal: AbortSignal.timeout(110_000), report: (progress) => reports.push(progress) },
        );
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((artifacts) => artifacts.close()));
    await bench.mirror.close();
    await rm(bench.folder, { recursive: true, force: true });
  });
  return bench;
}

/** A whole entry of the catalogue. */
export function entry(name: string, sources: Source[]): string {
  return stringify({
    name,
    title: "Tool",
    version: "1.0.0",
    license: "MIT",
    homepage: "https://example.org",
    image: { none: "only for tests" },
    ports: {},
    health: { kind: "none", reason: "only for tests" },
    memory: { floor: 1, expected: 1 },
    disk: { program: 1, data: 0 },
    backup: [],
    upgrade: { step: "major", data: "compatible", rules: [] },
    artifacts: { "linux-x64": sources, "linux-arm64": sources, "darwin-arm64": sources },
  });
}
