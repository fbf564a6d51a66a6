import { mkdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packPrebuilt } from "../../../installer/artifacts/index.ts";
import { place } from "../../../installer/artifacts/unpack.ts";
import { sha256, type TarEntry, tarGz, zip } from "./archives.ts";
import { tool, useBench } from "./bench.ts";

const bench = useBench();

test.each(["../evil", "tool/../../evil", "/evil", "tool/..\\..\\evil"])(
  "a zip that holds the path %s is refused",
  async (name) => {
    const { source } = bench.wheel(zip({ "tool/good": "x", [name]: "evil" }));
    await bench.describe([source]);
    await expect(bench.obtain()).rejects.toMatchObject({ code: "ARTIFACT_UNAVAILABLE" });
    expect(await stat(join(bench.cache, "evil")).catch(() => undefined)).toBeUndefined();
    expect(await stat(join(bench.cache, "artifacts/evil")).catch(() => undefined)).toBeUndefined();
    expect(await bench.open().has(tool)).toBe(false);
  },
);

const evil: [string, TarEntry[]][] = [
  ["a path that climbs out", [{ path: "tool/../../evil", content: "evil" }]],
  ["an absolute path", [{ path: "/tmp/evil", content: "evil" }]],
  ["a link that climbs out", [{ path: "tool/link", link: "../../../etc/passwd", type: "SymbolicLink" }]],
  ["an absolute link", [{ path: "tool/link", link: "/etc/passwd", type: "SymbolicLink" }]],
  ["a hard link", [{ path: "tool/link", link: "tool/data", type: "Link" }]],
  [
    "a file written through a chain of links",
    [
      { path: "tool/p/q/up", link: "../..", type: "SymbolicLink" },
      { path: "tool/p/q/out", link: "up/../..", type: "SymbolicLink" },
      { path: "tool/p/q/out/evil", content: "evil" },
    ],
  ],
  [
    "a file written through a link",
    [
      { path: "tool/data", content: "x" },
      { path: "tool/link", link: "data", type: "SymbolicLink" },
      { path: "tool/link", content: "evil" },
    ],
  ],
];
test.each(evil)("a tar archive with %s is refused", async (_, entries) => {
  const content = tarGz([{ path: "tool/good", content: "x" }, ...entries]);
  bench.mirror.files.set("/example.org/tool.tar.gz", { content });
  await bench.describe([
    {
      kind: "official",
      url: "https://example.org/tool.tar.gz",
      digest: { sha256: sha256(content) },
      unpack: { format: "tar.gz", take: [{ from: "tool", to: "." }] },
    },
  ]);
  await expect(bench.obtain()).rejects.toMatchObject({
    code: expect.stringMatching(/^(ARTIFACT_UNAVAILABLE|EEXIST)$/),
  });
  expect(await bench.open().has(tool)).toBe(false);
});

test("a damaged archive with the right hash is a source that failed, not a crash", async () => {
  await bench.describe([bench.wheel(Buffer.from("no zip at all, but what the catalogue expects")).source]);
  await expect(bench.obtain()).rejects.toMatchObject({ message: expect.stringContaining("cannot be unpacked") });
  const cut = tarGz([{ path: "tool/data", content: "x".repeat(100_000) }]).subarray(0, 120);
  await bench.describe([bench.wheel(cut, { unpack: { format: "tar.gz", take: [{ from: "tool", to: "." }] } }).source]);
  await expect(bench.obtain()).rejects.toMatchObject({ message: expect.stringContaining("cannot be unpacked") });
});

test("links inside an archive and those of the catalogue are made", async () => {
  const content = tarGz([
    { path: "tool/lib/real.so.1", content: "x" },
    { path: "tool/lib/real.so", link: "real.so.1", type: "SymbolicLink" },
  ]);
  const unpack = {
    format: "tar.gz" as const,
    take: [{ from: "tool", to: "deep/tool" }],
    links: { lib: "deep/tool/lib" },
  };
  await bench.describe([bench.wheel(content, { unpack }).source]);
  const { path } = await bench.obtain();
  expect(await readFile(join(path, "lib/real.so"), "utf8")).toBe("x");
  expect(await readlink(join(path, "lib"))).toBe("deep/tool/lib");
  expect(await bench.open().verify(tool)).toEqual([]);
});

test("rules place entries by the first that fits and leave out what they except", () => {
  const rules = {
    format: "zip" as const,
    take: [
      { from: "a/b", to: "x", except: ["include/**", "lib/*.a"] },
      { from: "a", to: "." },
    ],
  };
  expect(place("a/b/bin/run", rules)).toBe("x/bin/run");
  expect(place("a/b/include/deep/h.h", rules)).toBeUndefined();
  expect(place("a/b/lib/lib.a", rules)).toBeUndefined();
  expect(place("a/b/lib/sub/lib.a", rules)).toBe("x/lib/sub/lib.a");
  expect(place("a/bc", rules)).toBe("bc");
  expect(place("c", rules)).toBeUndefined();
});

test("verify names files that were changed or are missing, and obtain repairs what it can see", async () => {
  await bench.describe([bench.wheel(zip({ "tool/a": "aaa", "tool/b": "bbb", "tool/c": "ccc" })).source]);
  const { path } = await bench.obtain();
  const artifacts = bench.open();
  await writeFile(join(path, "a"), "xxx");
  await rm(join(path, "b"));
  expect(await artifacts.verify(tool)).toEqual(["a", "b"]);
  expect(await artifacts.has(tool)).toBe(false);
  await bench.obtain();
  expect(await artifacts.verify(tool)).toEqual([]);
  expect((await artifacts.list()).map(({ name, version }) => ({ name, version }))).toEqual([tool]);
});

test("a packed artifact serves another machine from its offline folder, unless it was changed", async () => {
  await bench.describe([bench.wheel(zip({ "tool/bin/run": "#!/bin/sh\n", "tool/text": "text" })).source]);
  const { path } = await bench.obtain();
  const offline = join(bench.folder, "offline");
  await mkdir(offline);
  await packPrebuilt(path, path.replace(/.*\//, ""), offline);
  await bench.mirror.close();
  bench.cache = join(bench.folder, "second-cache");
  const restored = await bench.obtain({ offline });
  expect(restored.source).toBe(offline);
  expect((await stat(join(restored.path, "bin/run"))).mode & 0o777).toBe(0o755);

  await writeFile(join(path, "text"), "TEXT");
  await packPrebuilt(path, path.replace(/.*\//, ""), offline);
  bench.cache = join(bench.folder, "third-cache");
  await expect(bench.obtain({ offline })).rejects.toMatchObject({ code: "ARTIFACT_CHECKSUM" });
});
