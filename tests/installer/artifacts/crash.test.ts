import { readdir, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256, zip } from "./archives.ts";
import { quick, tool, useBench } from "./bench.ts";
import { obtainElsewhere } from "./processes.ts";

const bench = useBench();

function options(more: object = {}) {
  const mirrors = { pypi: `${bench.mirror.url}/simple`, official: bench.mirror.url };
  const settings = { patience: quick, mirrors };
  return { ref: tool, cache: bench.cache, catalogue: bench.catalogue, platform: "linux-x64", settings, ...more };
}

test("two processes at once download once; the second waits and says for whom", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": Buffer.alloc(500_000, "x") }));
  const served = bench.mirror.files.get(path);
  let open = () => {};
  if (served)
    served.gate = new Promise((resolve) => {
      open = resolve;
    });
  await bench.describe([source]);
  const patient = options({ settings: { mirrors: { pypi: `${bench.mirror.url}/simple` } } });
  const first = obtainElsewhere(patient);
  await first.until(({ phase, done }) => phase === "downloading" && done !== undefined);
  const second = obtainElsewhere(patient);
  const waiting = await second.until(({ phase }) => phase === "waiting");
  expect(waiting.note).toContain(`waiting for pid ${first.child.pid}`);
  open();
  const [one, two] = await Promise.all(
    [first, second].map((process) => process.until(({ made }) => made !== undefined)),
  );
  expect(two?.made).toEqual(one?.made);
  expect(bench.mirror.seen.filter((request) => request.path === path)).toHaveLength(1);
});

test("ten obtains of the same program in one process download once", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": Buffer.alloc(500_000, "x") }));
  await bench.describe([source]);
  const made = await Promise.all(Array.from({ length: 10 }, () => bench.obtain()));
  expect(new Set(made.map((result) => result.path)).size).toBe(1);
  expect(bench.mirror.seen.filter((request) => request.path === path)).toHaveLength(1);
});

test("kill -9 in a download leaves nothing half, and the next run resumes it", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": Buffer.alloc(1_000_000, "x") }));
  const served = bench.mirror.files.get(path);
  if (served) served.pace = 20_000;
  await bench.describe([source]);
  const killed = obtainElsewhere(options());
  await killed.until(({ phase, done = 0 }) => phase === "downloading" && done > 100_000);
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(await bench.open().has(tool)).toBe(false);
  if (served) delete served.pace;
  await bench.obtain();
  expect(bench.mirror.seen.at(-1)?.range).toMatch(/^bytes=[1-9]/);
});

test("kill -9 in unpacking leaves nothing half, and the next run makes it whole from the cache", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 4000 }, (_, index) => [`tool/${index % 50}/${index}`, `${index}`]),
  );
  const { source, path } = bench.wheel(zip(files));
  await bench.describe([source]);
  const killed = obtainElsewhere(options());
  await killed.until(({ phase, done = 0 }) => phase === "unpacking" && done > 0);
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(await bench.open().has(tool)).toBe(false);
  const target = bench.open().locate(tool);
  expect(await stat(target).catch(() => undefined)).toBeUndefined();
  expect(await readdir(join(bench.cache, "artifacts"))).toHaveLength(1);
  await bench.obtain();
  expect(await readdir(join(bench.cache, "artifacts"))).toEqual([target.replace(/.*\//, "")]);
  expect(await bench.open().verify(tool)).toEqual([]);
  expect(bench.mirror.seen.filter((request) => request.path === path)).toHaveLength(1);
});

/** A namespace of its own, so that an ordinary user may mount too: node itself runs below this small disk. */
function onSmallDisk(folder: string, size: string): string[] {
  const mount = `mkdir -p "$0" && mount -t tmpfs -o size=${size} small "$0" && exec "$@"`;
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, folder];
}

test("a disk that is too small is named before the download, with what is needed and where", async () => {
  const { source } = bench.wheel(zip({ "tool/data": Buffer.alloc(20_000_000) }));
  await bench.describe([source]);
  const run = obtainElsewhere(options(), { before: onSmallDisk(bench.cache, "40m") });
  const { error } = await run.until((line) => line.error !== undefined);
  expect(error?.code).toBe("DISK_FULL");
  expect(error?.message).toMatch(/needs 5\d MiB in .*cache\S* and has [34]\d MiB/);
  expect(error?.hint).toContain("DEVFLOW_CACHE");
  expect(run.lines.some(({ done = 0 }) => done > 0)).toBe(false);
});

test("a disk that fills up in the middle is told apart from a bad source", async () => {
  const content = Buffer.alloc(50_000_000);
  bench.mirror.files.set("/example.org/tool", { content, chunked: true });
  const unpack = { format: "file" as const, take: [{ from: "tool", to: "bin/tool" }] };
  await bench.describe([
    { kind: "official", url: "https://example.org/tool", digest: { sha256: sha256(content) }, unpack },
  ]);
  const run = obtainElsewhere(options(), { before: onSmallDisk(bench.cache, "40m") });
  const { error } = await run.until((line) => line.error !== undefined);
  expect(error).toMatchObject({ code: "DISK_FULL", message: expect.stringContaining(bench.cache) });
});

test("HTTP_PROXY is used and NO_PROXY is honoured", async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { source } = bench.wheel(zip({ "tool/data": "x" }));
  await bench.describe([source]);
  const settings = { patience: quick, mirrors: { pypi: "http://index.invalid/simple" } };
  const through = obtainElsewhere(options({ settings }), { env: { http_proxy: address, no_proxy: "" } });
  await through.until(({ error }) => error?.code === "ARTIFACT_UNAVAILABLE");
  expect(asked).toEqual(["http://index.invalid/simple/tool-bin/"]);
  const past = obtainElsewhere(options(), { env: { http_proxy: address, no_proxy: "127.0.0.1" } });
  await past.until(({ made }) => made !== undefined);
  expect(asked).toHaveLength(1);
  await new Promise((resolve) => proxy.close(resolve));
});

test("what a person with a strict umask obtains can be read by the user that PostgreSQL runs as", async () => {
  const { source } = bench.wheel(zip({ "tool/bin/run": "#!/bin/sh\n", "tool/share/text": "text" }));
  await bench.describe([source]);
  const cache = join(bench.folder, "deep", "cache");
  const strict = obtainElsewhere(options({ cache }), { before: ["sh", "-c", 'umask 077 && exec "$@"', "strict"] });
  const { made } = await strict.until((line) => line.made !== undefined);
  const modes = ["..", "../..", "bin", "bin/run", "share/text"].map(
    async (path) => (await stat(join(made?.path ?? "", path))).mode & 0o777,
  );
  expect(await Promise.all(modes)).toEqual([0o755, 0o755, 0o755, 0o755, 0o644]);
});
