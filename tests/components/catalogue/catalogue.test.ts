import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  catalogueFolder,
  readUpstream,
  type Source,
  sourcesOf,
  upstream,
  upstreams,
} from "../../../components/catalogue/index.ts";
import { platforms } from "../../../components/provider/platform.ts";
import { resolveSettings } from "../../../installer/artifacts/settings.ts";
import { checked } from "../../../installer/artifacts/sources/checked.ts";

const folder = mkdtempSync(join(tmpdir(), "devflow-catalogue-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the catalogue has the programs of the local stack, each valid and for each platform", () => {
  const names = upstreams().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["caddy", "gitea", "go", "postgres", "prometheus", "seaweedfs"]));
  for (const { name, artifacts, image } of upstreams()) {
    expect(readUpstream(join(catalogueFolder, `${name}.yaml`))).toEqual(upstream(name));
    if ("none" in artifacts) expect(image).toHaveProperty("tag");
    else expect(Object.keys(artifacts)).toEqual([...platforms]);
  }
  expect(upstream("postgres")).toMatchObject({ version: "18.4", includes: { pgvector: "0.8.5" } });
  expect(upstream("postgres")).toBe(upstream("postgres"));
});

test("a package of the catalogue is of the version that its file name and package URL say", () => {
  for (const entry of upstreams()) {
    for (const source of platforms.flatMap((platform) => sourcesOf(entry, platform))) {
      if (source.kind === "official" || source.kind === "go") continue;
      const [name = "", version = ""] = source.purl.replace(/^pkg:[a-z]+\//, "").split("@");
      // Wheels have underscores; the other registries name a file after the last part of the package's name.
      const stem = source.kind === "pypi" ? name.replaceAll("-", "_") : name.split("/").at(-1);
      expect(source.file).toContain(`${stem}-${version}`);
    }
  }
});

test("each program of the catalogue has a source on each platform whose bytes are known apart from where they come from", () => {
  const run = { settings: resolveSettings({}) };
  const usable = (source: Source, all: Source[]) => {
    try {
      return checked(source, all, run) !== undefined;
    } catch {
      return false;
    }
  };
  for (const entry of upstreams()) {
    for (const platform of platforms) {
      const all = sourcesOf(entry, platform);
      if (all.length === 0) continue;
      expect(all.filter((source) => usable(source, all)).length, `${entry.name} on ${platform}`).toBeGreaterThan(0);
    }
  }
  for (const platform of platforms) {
    expect(sourcesOf(upstream("caddy"), platform)[0]).not.toHaveProperty("digest.document");
    // The releases of Gitea are on two hosts, each with its own document.
    expect(usable(sourcesOf(upstream("gitea"), platform)[0] as Source, sourcesOf(upstream("gitea"), platform))).toBe(
      true,
    );
  }
});

test("every Go source has a go.mod that requires it, a go.sum, and a toolchain in the catalogue that is new enough", () => {
  const toolchain = upstream("go").version.split(".").map(Number);
  for (const entry of upstreams()) {
    for (const source of sourcesOf(entry, "linux-x64")) {
      if (source.kind !== "go") continue;
      const mod = readFileSync(join(catalogueFolder, source.wrapper, "go.mod"), "utf8");
      const sum = readFileSync(join(catalogueFolder, source.wrapper, "go.sum"), "utf8");
      const required = source.purl.replace("pkg:golang/", "").replace("@", " ");
      expect(mod).toContain(required);
      expect(sum).toContain(`${required} h1:`);
      const line = /^go (\d+)\.(\d+)/m.exec(mod)?.slice(1).map(Number) ?? [];
      expect(toolchain[1]).toBeGreaterThanOrEqual(line[1] ?? Number.POSITIVE_INFINITY);
    }
  }
});

const faults: [string, (entry: Record<string, never>) => void, RegExp][] = [
  ["a misspelt field", (entry) => Object.assign(entry, { licence: "MIT" }), /\/licence: is not a known field/],
  ["a missing field", (entry) => Reflect.deleteProperty(entry, "memory"), /\/: .*required.*memory/],
  [
    "a hash that is too short",
    (entry) => set(entry, "artifacts.linux-x64.1.digest", { sha256: "abc" }),
    /\/artifacts\/linux-x64\/1\/digest/,
  ],
  [
    "a path that leaves its folder",
    (entry) => set(entry, "artifacts.linux-x64.1.unpack.take.0.to", "../x"),
    /\/take\/0\/to: .*pattern.*\.\.\/x/,
  ],
  [
    "an unknown kind of source",
    (entry) => set(entry, "artifacts.linux-x64.1.kind", "cargo"),
    /\/artifacts\/linux-x64\/1\/kind: must be one of official, npm/,
  ],
  ["an http address", (entry) => set(entry, "homepage", "http://example.org"), /\/homepage: .*pattern/],
  [
    "a health check on a port it has not",
    (entry) => set(entry, "health.port", "grpc"),
    /\/health\/port: "grpc" is none/,
  ],
  ["another name than its file's", (entry) => set(entry, "name", "other"), /\/name: must be the file's name, "caddy"/],
];
test.each(faults)("an entry with %s is refused with file and path", (_, spoil, message) => {
  const entry = parse(readFileSync(join(catalogueFolder, "caddy.yaml"), "utf8"));
  spoil(entry);
  const file = join(folder, "caddy.yaml");
  writeFileSync(file, stringify(entry, { aliasDuplicateObjects: false }));
  const error = thrownBy(() => readUpstream(file));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  expect(error.message).toContain(`${file}: /`);
  expect(error.message).toMatch(message);
});

test("YAML that cannot be read names file and line", () => {
  const file = join(folder, "broken.yaml");
  writeFileSync(file, "name: broken\n  bad: [\n");
  expect(thrownBy(() => readUpstream(file)).message).toMatch(/broken\.yaml: .*line 1, column 7/s);
});

test("an unknown program is answered with the known ones", () => {
  expect(thrownBy(() => upstream("mysql"))).toMatchObject({
    code: "NOT_FOUND",
    hint: expect.stringContaining("postgres"),
  });
});

function set(entry: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const holder = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], entry);
  (holder as Record<string, unknown>)[last] = value;
}

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
