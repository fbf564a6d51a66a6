import { mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256, zip } from "./archives.ts";
import { useBench } from "./bench.ts";

const bench = useBench();
const program = "#!/bin/sh\necho works\n";
const large = Buffer.alloc(3_000_000, "devflow ");

test("a wheel is downloaded, verified, unpacked with its modes, and needs no network the second time", async () => {
  const { source } = bench.wheel(
    zip({ "tool/bin/run": program, "tool/share/text.txt": "text", "other/left-out": "x" }),
  );
  await bench.describe([source]);
  const { path, source: from } = await bench.obtain();
  expect(from).toBe("pkg:pypi/tool-bin@1.0.0");
  expect(path).toBe(bench.open().locate({ name: "tool", version: "1.0.0" }));
  expect((await stat(join(path, "bin/run"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(path, "share/text.txt"))).mode & 0o777).toBe(0o644);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
  expect((await readdir(path)).sort()).toEqual([".devflow-artifact.json", "bin", "share"]);
  expect(bench.reports.map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(["downloading", "verifying", "unpacking"]),
  );
  await bench.mirror.close();
  expect(await bench.obtain()).toEqual({ path, source: from });
  // The download is kept too, so that a removed folder comes back without network.
  await bench.open().remove({ name: "tool", version: "1.0.0" });
  expect((await bench.obtain()).path).toBe(path);
});

test("connections that are cut in the middle are resumed where they broke", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": large }));
  const served = bench.mirror.files.get(path);
  if (served) served.cuts = [1_000_000, 500_000];
  await bench.describe([source]);
  const made = await bench.obtain();
  expect(sha256(await readFile(join(made.path, "data")))).toBe(sha256(large));
  const ranges = bench.mirror.seen.filter((request) => request.path === path);
  expect(ranges).toHaveLength(3);
  expect(ranges[0]?.range).toBeUndefined();
  for (const request of ranges.slice(1)) {
    expect(Number(/\d+/.exec(request.range ?? "")?.[0])).toBeGreaterThan(0);
    expect(request.ifRange).toMatch(/^"/);
  }
});

test("a part of another file that an earlier run left is thrown away", async () => {
  const { source, path, sha } = bench.wheel(zip({ "tool/data": large }));
  await bench.describe([source]);
  await mkdir(join(bench.cache, "blobs/sha256"), { recursive: true });
  await writeFile(join(bench.cache, "blobs/sha256", `${sha}.partial`), Buffer.alloc(1000, "wrong"));
  await bench.obtain();
  expect(bench.mirror.seen.filter((request) => request.path === path).map(({ range }) => range)).toEqual([
    "bytes=1000-",
    undefined,
  ]);
});

test("a busy server is asked again, a server that stays busy is given up", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": "x" }));
  const served = bench.mirror.files.get(path);
  if (served) served.refusals = [503, 500];
  await bench.describe([source]);
  expect((await bench.obtain()).source).toBe("pkg:pypi/tool-bin@1.0.0");
  await bench.describe([bench.wheel(zip({ "tool/data": "y" })).source]);
  const other = bench.mirror.files.get(path);
  if (other) other.refusals = Array(9).fill(503);
  await expect(bench.obtain()).rejects.toMatchObject({
    code: "ARTIFACT_UNAVAILABLE",
    message: expect.stringContaining("503"),
  });
});

test("a damaged download in the cache is noticed and fetched again", async () => {
  const { source, sha, path } = bench.wheel(zip({ "tool/data": large }));
  await bench.describe([source]);
  const artifacts = bench.open();
  await bench.obtain();
  await artifacts.remove({ name: "tool", version: "1.0.0" });
  await truncate(join(bench.cache, "blobs/sha256", sha), 1000);
  await bench.obtain();
  expect(bench.mirror.seen.filter((request) => request.path === path)).toHaveLength(2);
  expect(await artifacts.verify({ name: "tool", version: "1.0.0" })).toEqual([]);
});

test("a transfer of unknown length ends with the connection and is judged by its hash", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": large }));
  const served = bench.mirror.files.get(path);
  if (served) served.chunked = true;
  await bench.describe([source]);
  expect(sha256(await readFile(join((await bench.obtain()).path, "data")))).toBe(sha256(large));
});

test("progress of a slow download has bytes, rate and remaining time, at most some five times a second", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": Buffer.alloc(1_000_000, "x") }));
  const served = bench.mirror.files.get(path);
  if (served) served.pace = 16_000;
  await bench.describe([source]);
  const started = Date.now();
  await bench.obtain();
  const seconds = (Date.now() - started) / 1000;
  const shown = bench.reports.filter(({ phase }) => phase === "downloading");
  expect(shown.length).toBeLessThan(seconds * 5 + 4);
  const middle = shown.find(({ rate }) => rate !== undefined);
  expect(middle).toMatchObject({ unit: "bytes", total: source.kind === "pypi" ? source.size : 0 });
  expect(middle?.rate).toBeGreaterThan(0);
  expect(middle?.eta).toBeGreaterThan(0);
});

test("an abort ends a download at once, and the next run goes on with what it has", async () => {
  const { source, path, sha } = bench.wheel(zip({ "tool/data": large }));
  const served = bench.mirror.files.get(path);
  if (served) served.pace = 40_000;
  await bench.describe([source]);
  const abort = new AbortController();
  const running = bench.open().obtain(
    { name: "tool", version: "1.0.0" },
    {
      signal: abort.signal,
      report: ({ phase, done = 0 }) => phase === "downloading" && done > 200_000 && abort.abort(),
    },
  );
  await expect(running).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect((await stat(join(bench.cache, "blobs/sha256", `${sha}.partial`))).size).toBeGreaterThan(100_000);
  if (served) delete served.pace;
  await bench.obtain();
  expect(bench.mirror.seen.at(-1)?.range).toMatch(/^bytes=[1-9]/);
});
