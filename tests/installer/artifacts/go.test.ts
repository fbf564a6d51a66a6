import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { Source } from "../../../components/catalogue/index.ts";
import { compareVersions } from "../../../installer/artifacts/go/toolchain.ts";
import { zip } from "./archives.ts";
import { quick, tool, useBench } from "./bench.ts";
import { obtainElsewhere } from "./processes.ts";

// Builds run at low priority, so on a busy machine they take several times their usual ten seconds.
vi.setConfig({ testTimeout: 120_000 });
const bench = useBench();
const module = "example.org/Hello";
const version = "v1.2.3";
const files = {
  "go.mod": `module ${module}\n\ngo 1.21\n`,
  "cmd/hello/main.go": 'package main\n\nvar Version = "none"\n\nfunc main() { println("hello", Version) }\n',
  "templates/page.txt": "a template",
};

/** Go's hash of a tree: SHA-256 over the sorted list of the files' SHA-256. */
function hash1(tree: Record<string, string>): string {
  const sum = (text: string) => createHash("sha256").update(text);
  const lines = Object.keys(tree)
    .sort()
    .map((name) => `${sum(tree[name] ?? "").digest("hex")}  ${name}\n`);
  return `h1:${sum(lines.join("")).digest("base64")}`;
}

/** A module proxy as a folder, and a catalogue entry that builds from it; `sum` is what go.sum claims. */
async function hello(sum?: string): Promise<{ source: Source; proxy: string }> {
  const proxy = join(bench.folder, "proxy");
  const versions = join(proxy, "example.org/!hello/@v");
  const tree = Object.fromEntries(Object.entries(files).map(([name, text]) => [`${module}@${version}/${name}`, text]));
  await mkdir(versions, { recursive: true });
  await writeFile(join(versions, `${version}.info`), JSON.stringify({ Version: version }));
  await writeFile(join(versions, `${version}.mod`), files["go.mod"]);
  await writeFile(join(versions, `${version}.zip`), zip(tree));
  const wrapper = join(bench.catalogue, "hello");
  await mkdir(wrapper, { recursive: true });
  await writeFile(join(wrapper, "go.mod"), `module devflow.local/hello\n\ngo 1.21\n\nrequire ${module} ${version}\n`);
  const goMod = hash1({ "go.mod": files["go.mod"] });
  await writeFile(
    join(wrapper, "go.sum"),
    `${module} ${version} ${sum ?? hash1(tree)}\n${module} ${version}/go.mod ${goMod}\n`,
  );
  const source: Source = {
    kind: "go",
    purl: `pkg:golang/${module}@${version}`,
    wrapper: "hello",
    programs: { hello: `${module}/cmd/hello` },
    ldflags: ["-s", "-w", "-X", "main.Version=1.2.3"],
    take: [{ from: "templates", to: "share/templates" }],
    size: 1000,
    minutes: 0.2,
    disk: 100,
  };
  return { source, proxy: `file://${proxy}` };
}

test("a Go build that was killed takes its compilers with it, goes on where it was, and leaves only its programs", async () => {
  const { source, proxy } = await hello();
  await bench.describe([source]);
  const settings = { patience: quick, mirrors: { go: proxy } };
  const options = { ref: tool, cache: bench.cache, catalogue: bench.catalogue, platform: "linux-x64", settings };
  const killed = obtainElsewhere(options);
  const before = await killed.until(({ phase, done = 0 }) => phase === "compiling" && done > 0);
  expect(working()).not.toBe("");
  killed.child.kill("SIGKILL");
  await killed.ended;
  for (let tries = 0; working() !== "" && tries < 1000; tries++) await sleep(50);
  expect(working()).toBe("");
  expect(await bench.open().has(tool)).toBe(false);

  const { path, source: from } = await bench.obtain({ mirrors: { go: proxy } });
  expect(from).toBe(`pkg:golang/${module}@${version}`);
  expect(execFileSync(join(path, "bin/hello"), { stdio: "pipe", encoding: "utf8" })).toBe("");
  expect(execFileSync("sh", ["-c", `"${path}/bin/hello" 2>&1`], { encoding: "utf8" })).toBe("hello 1.2.3\n");
  expect(await readFile(join(path, "share/templates/page.txt"), "utf8")).toBe("a template");
  const compiling = bench.reports.filter(({ phase }) => phase === "compiling");
  expect(compiling[0]).toMatchObject({ unit: "steps", done: 0 });
  expect(compiling[0]?.total).toBeLessThanOrEqual(before.total ?? 0);
  expect(bench.reports.map(({ phase }) => phase)).toEqual(expect.arrayContaining(["resolving modules", "linking"]));
  // Modules and compiled packages are gone, so hundreds of MiB do not stay behind.
  expect(await stat(join(bench.cache, "build", path.replace(/.*\//, ""))).catch(() => undefined)).toBeUndefined();
  const [made] = await bench.open().list();
  expect(made?.evidence).toMatch(/^go1\.\d+.*example\.org\/Hello@v1\.2\.3, go\.sum sha256:/);
});

/** Go processes that work for this test; they all name its folder. */
function working(): string {
  const all = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  return all
    .filter((line) => line.includes(bench.folder) && /\bgo (build|list)|tool\/.*(compile|link)/.test(line))
    .join("\n");
}

test("a module whose bytes are not those of the committed go.sum is not built", async () => {
  const { source, proxy } = await hello(hash1({ "other.go": "package other" }));
  await bench.describe([source]);
  const error = bench.obtain({ mirrors: { go: proxy } });
  await expect(error).rejects.toMatchObject({ message: expect.stringMatching(/checksum mismatch|SECURITY ERROR/) });
});

test("a Go build whose proxy does not answer or has not got the module is skipped", async () => {
  const { source } = await hello();
  await bench.describe([source]);
  const go = `${bench.mirror.url.replace("//", "//user:s3cret@")},http://127.0.0.1:1,direct`;
  const error = await bench.obtain({ mirrors: { go } }).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: "ARTIFACT_UNAVAILABLE" });
  expect(String(error)).toMatch(/404.*connection refused/);
  expect(String(error)).not.toContain("s3cret");
  expect(bench.mirror.seen[0]).toMatchObject({ path: "/example.org/!hello/@v/v1.2.3.info" });
});

test("an abort ends a Go build and all it started", async () => {
  const { source, proxy } = await hello();
  await bench.describe([source]);
  const abort = new AbortController();
  const running = bench.open({ mirrors: { go: proxy } }).obtain(tool, {
    signal: abort.signal,
    report: ({ phase }) => phase === "compiling" && abort.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "INTERRUPTED" });
  for (let tries = 0; working() !== "" && tries < 1000; tries++) await sleep(50);
  expect(working()).toBe("");
});

test("Go versions are compared by their numbers", () => {
  expect(compareVersions("1.26.8", "1.26.7")).toBeGreaterThan(0);
  expect(compareVersions("1.9", "1.26")).toBeLessThan(0);
  expect(compareVersions("1.26", "1.26.0")).toBe(0);
  expect(compareVersions("1.27rc1", "1.26.7")).toBeGreaterThan(0);
});
