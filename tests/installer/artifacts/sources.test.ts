import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Source } from "../../../components/catalogue/index.ts";
import { resolveSettings } from "../../../installer/artifacts/settings.ts";
import { checked } from "../../../installer/artifacts/sources/checked.ts";
import { redirected } from "../../../installer/artifacts/web.ts";
import { sha256, tarGz, zip } from "./archives.ts";
import { tool, useBench } from "./bench.ts";
import { startMirror, startSilence } from "./mirror.ts";

const bench = useBench();
const take = { take: [{ from: "tool", to: "." }] };

function official(path: string, content: Buffer, more: Partial<Extract<Source, { kind: "official" }>> = {}): Source {
  bench.mirror.files.set(`/example.org${path}`, { content });
  const digest = { sha256: sha256(content) };
  return {
    kind: "official",
    url: `https://example.org${path}`,
    digest,
    unpack: { format: "tar.gz", ...take },
    ...more,
  };
}

const document = { document: "https://example.org/r/SUMS", algorithm: "sha512" as const };

/** A release whose hash stands only in a document beside it. */
function published(content: Buffer): Source {
  const sum = createHash("sha512").update(content).digest("hex");
  const sums = Buffer.from(`${"0".repeat(128)}  other.tar.gz\n${sum}  tool.tar.gz\n`);
  bench.mirror.files.set("/example.org/r/SUMS", { content: sums });
  return official("/r/tool.tar.gz", content, { digest: document });
}

test("a release whose hash only its own host tells is neither planned nor downloaded; the next source is", async () => {
  const { source } = bench.wheel(zip({ "tool/data": "wheel" }));
  await bench.describe([published(tarGz([{ path: "tool/data", content: "released" }])), source]);
  expect(await bench.open().plan([tool])).toMatchObject([{ source: "pkg:pypi/tool-bin@1.0.0" }]);
  expect((await bench.obtain()).source).toBe("pkg:pypi/tool-bin@1.0.0");
  expect(bench.mirror.seen.filter(({ path }) => path.startsWith("/example.org"))).toEqual([]);
  expect(bench.reports.some(({ note }) => note?.includes("its hash is not in the catalogue"))).toBe(true);
});

test("a release in the offline folder is checked against the sums its project publishes", async () => {
  const offline = join(bench.folder, "offline");
  const content = tarGz([{ path: "tool/data", content: "released" }]);
  await bench.describe([published(content)]);
  await mkdir(offline);
  await writeFile(join(offline, "tool.tar.gz"), content);
  await writeFile(join(offline, "SUMS"), bench.mirror.files.get("/example.org/r/SUMS")?.content ?? "");
  const { path } = await bench.obtain({ offline });
  expect(await readFile(join(path, "data"), "utf8")).toBe("released");
  expect(bench.mirror.seen).toEqual([]);
});

test("of two hosts that publish a release each is checked by the other's sums", () => {
  const url = (host: string) => `https://${host}/r/tool-1.0`;
  const on = (host: string): Source => ({
    ...{ kind: "official", url: url(host), digest: { document: `${url(host)}.sha256`, algorithm: "sha256" } },
    unpack: { format: "tar.gz", ...take },
  });
  const [one, other] = [on("one.example"), on("other.example")];
  const run = (official?: string) => ({ settings: resolveSettings({ mirrors: { ...(official && { official }) } }) });
  expect(checked(one, [one, other], run())).toEqual({ ...one, digest: (other as { digest: object }).digest });
  expect(checked(other, [one, other], run())).toEqual({ ...other, digest: (one as { digest: object }).digest });
  expect(() => checked(one, [one], run())).toThrow("no other host publishes one");
  expect(() => checked(one, [one, other], run("https://mirror.example"))).toThrow("a mirror that serves both");
});

test("a redirect from HTTPS to plain HTTP is refused; others are followed", () => {
  const from = new URL("https://user:pw@example.org/r/tool");
  for (const location of ["http://example.org/r/tool", "http://cdn.example/tool", "ftp://cdn.example/tool"]) {
    expect(() => redirected(from, location)).toThrow(/redirects from HTTPS to (http|ftp):/);
  }
  expect(redirected(from, "//cdn.example/tool").href).toBe("https://cdn.example/tool");
  expect(redirected(from, "../other").href).toBe("https://example.org/other");
  expect(redirected(new URL("http://127.0.0.1:1/a"), "http://127.0.0.1:2/b").href).toBe("http://127.0.0.1:2/b");
});

test("a release that is one bare program is put where the catalogue says", async () => {
  const unpack = { format: "file" as const, take: [{ from: "tool-linux", to: "bin/tool" }] };
  await bench.describe([official("/r/tool-linux", Buffer.from("#!/bin/sh\n"), { unpack })]);
  expect(await readFile(join((await bench.obtain()).path, "bin/tool"), "utf8")).toBe("#!/bin/sh\n");
});

test("npm tarballs and Maven jars are found on their mirrors", async () => {
  const tarball = tarGz([{ path: "package/tool/data", content: "npm" }]);
  const jar = zip({ "tool/data": "maven" });
  bench.mirror.files.set("/@scope/tool/-/tool-1.0.0.tgz", { content: tarball });
  bench.mirror.files.set("/org/example/app/tool/1.0.0/tool-1.0.0.jar", { content: jar });
  const npm: Source = {
    kind: "npm",
    purl: "pkg:npm/%40scope/tool@1.0.0",
    file: "tool-1.0.0.tgz",
    digest: { sha256: sha256(tarball) },
    size: tarball.length,
    unpack: { format: "tar.gz", take: [{ from: "package/tool", to: "." }] },
  };
  const maven: Source = {
    kind: "maven",
    purl: "pkg:maven/org.example.app/tool@1.0.0",
    file: "tool-1.0.0.jar",
    digest: { sha256: sha256(jar) },
    size: jar.length,
    unpack: { format: "zip", ...take },
  };
  await bench.describe([npm], "from-npm");
  await bench.describe([maven], "from-maven");
  expect(await readFile(join((await bench.obtain({}, "from-npm")).path, "data"), "utf8")).toBe("npm");
  expect(await readFile(join((await bench.obtain({}, "from-maven")).path, "data"), "utf8")).toBe("maven");
});

test("an index that has only HTML is read too, with its password for its own files", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": "x" }));
  const html = `<html><a href="../..${path}#sha256=00">tool-bin-1.0.0.whl</a></html>`;
  bench.mirror.files.set("/simple/tool-bin/", { content: Buffer.from(html), type: "text/html" });
  await bench.describe([source]);
  const pypi = `${bench.mirror.url.replace("//", "//user:s3cret@")}/simple/`;
  await bench.obtain({ mirrors: { pypi } });
  const basic = `Basic ${Buffer.from("user:s3cret").toString("base64")}`;
  expect(bench.mirror.seen.map(({ authorization }) => authorization)).toEqual([basic, basic]);
  expect(JSON.stringify(bench.reports)).not.toContain("s3cret");
});

test("wrong bytes are refused, named, and the next source is used", async () => {
  const good = bench.wheel(zip({ "tool/data": "good" }));
  const bad = official("/r/tool.tar.gz", Buffer.from("expected"));
  bench.mirror.files.set("/example.org/r/tool.tar.gz", { content: Buffer.from("tampered") });
  await bench.describe([bad, good.source]);
  expect((await bench.obtain()).source).toBe("pkg:pypi/tool-bin@1.0.0");
  const note = bench.reports.find((report) => report.note?.includes("wrong content"))?.note;
  expect(note).toContain(sha256("expected"));
  expect(note).toContain(sha256("tampered"));
});

test("when only wrong bytes are to be had, the error names source, expected and found", async () => {
  const { source, path, sha } = bench.wheel(zip({ "tool/data": "good" }));
  bench.mirror.files.set(path, { content: Buffer.from("tampered") });
  await bench.describe([source]);
  const error = await bench.obtain().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ARTIFACT_CHECKSUM" });
  for (const part of ["pkg:pypi/tool-bin@1.0.0", sha, sha256("tampered")]) expect(String(error)).toContain(part);
  expect(await bench.open().has(tool)).toBe(false);
});

test("a host that never answers is given up after 3 s and not asked again in the run", async () => {
  const silence = await startSilence();
  try {
    const { source } = bench.wheel(zip({ "tool/data": "x" }));
    const silent: Source[] = ["a", "b"].map((name) => official(`/r/${name}.tar.gz`, Buffer.from(name)));
    await bench.describe([...silent, source]);
    const started = Date.now();
    await bench.obtain({ mirrors: { official: silence.url }, patience: { retry: 10 } });
    const seconds = (Date.now() - started) / 1000;
    expect(seconds).toBeGreaterThan(2.9);
    expect(silence.connections()).toBe(1);
    expect(bench.reports.some(({ note }) => note?.includes("no answer within 3 s"))).toBe(true);
    expect(bench.reports.some(({ note }) => note?.includes("not asked again in this run"))).toBe(true);
  } finally {
    await silence.close();
  }
});

test("a transfer that stalls is resumed, and given up when it brings nothing more", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": Buffer.alloc(100_000) }));
  const served = bench.mirror.files.get(path);
  if (served) served.stalls = 60_000;
  await bench.describe([source]);
  const patience = { answer: 1000, stall: 400, retry: 1 };
  await bench.obtain({ patience });
  expect(bench.reports.some(({ note }) => note?.includes("the transfer stalled; trying again"))).toBe(true);

  const second = bench.wheel(zip({ "tool/data": Buffer.alloc(90_000) }), { package: "stuck-bin" });
  const stuck = bench.mirror.files.get(second.path);
  if (stuck) stuck.stalls = 0;
  await bench.describe([second.source], "stuck");
  const error = { code: "ARTIFACT_UNAVAILABLE", message: expect.stringContaining("stalled") };
  await expect(bench.obtain({ patience }, "stuck")).rejects.toMatchObject(error);
});

test("when no source is left, every one is listed with its reason and the ways out", async () => {
  const closed = "http://127.0.0.1:1";
  const release = official("/r/tool.tar.gz", Buffer.from("x"));
  const { source } = bench.wheel(zip({ "tool/data": "x" }));
  bench.mirror.files.delete("/simple/tool-bin/");
  await bench.describe([release, source]);
  const error = await bench.obtain({ mirrors: { official: closed } }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "ARTIFACT_UNAVAILABLE",
    hint: expect.stringMatching(/HTTPS_PROXY.*mirrors.*offline/s),
  });
  expect(String(error)).toContain("https://example.org/r/tool.tar.gz");
  expect(String(error)).toContain("connection refused");
  expect(String(error)).toContain("pkg:pypi/tool-bin@1.0.0");
  expect(String(error)).toContain("404");
});

test("release files are left alone when they are switched off", async () => {
  const { source } = bench.wheel(zip({ "tool/data": "x" }));
  await bench.describe([official("/r/tool.tar.gz", tarGz([{ path: "tool/data", content: "x" }])), source]);
  expect((await bench.obtain({ official: false })).source).toBe("pkg:pypi/tool-bin@1.0.0");
  expect(bench.mirror.seen.some(({ path }) => path.includes("example.org"))).toBe(false);
});

test("the offline folder is looked in first, by name and by hash, and its files are checked as well", async () => {
  const offline = join(bench.folder, "offline");
  await mkdir(offline);
  const content = zip({ "tool/data": "offline" });
  const { source, sha } = bench.wheel(content);
  await bench.describe([official("/r/tool.tar.gz", tarGz([{ path: "tool/data" }])), source]);
  await writeFile(join(offline, "tool-bin-1.0.0.whl"), content);
  await bench.obtain({ offline });
  expect(bench.mirror.seen).toEqual([]);

  await bench.describe([source], "second");
  await writeFile(join(offline, sha), content);
  await writeFile(join(offline, "tool-bin-1.0.0.whl"), "damaged");
  await rm(join(bench.cache, "blobs"), { recursive: true });
  await bench.obtain({ offline }, "second");
  expect(bench.reports.some(({ note }) => note?.includes("it was not used"))).toBe(true);
});

test("a private index is not sent to hosts that it names", async () => {
  const { source, path } = bench.wheel(zip({ "tool/data": "x" }));
  const other = await startMirror();
  other.files.set(path, bench.mirror.files.get(path) ?? { content: Buffer.alloc(0) });
  const index = { files: [{ filename: "tool-bin-1.0.0.whl", url: `${other.url}${path}` }] };
  bench.mirror.files.set("/simple/tool-bin/", {
    content: Buffer.from(JSON.stringify(index)),
    type: "application/json",
  });
  await bench.describe([source]);
  await bench.obtain({ mirrors: { pypi: `${bench.mirror.url.replace("//", "//user:s3cret@")}/simple` } });
  expect(other.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  await other.close();
});

test("the plan tells what is there, what must be downloaded and what is already near", async () => {
  const content = zip({ "tool/data": "x" });
  const { source } = bench.wheel(content);
  await bench.describe([official("/r/gone.tar.gz", Buffer.from("x")), source]);
  bench.mirror.files.delete("/example.org/r/gone.tar.gz");
  const artifacts = bench.open();
  expect(await artifacts.plan([tool])).toMatchObject([
    { present: false, downloadBytes: content.length, source: "pkg:pypi/tool-bin@1.0.0", disk: 1 },
  ]);
  await bench.obtain();
  expect(await artifacts.plan([tool])).toMatchObject([{ present: true, downloadBytes: 0 }]);
  await artifacts.remove(tool);
  expect(await artifacts.plan([tool])).toMatchObject([{ present: false, downloadBytes: 0 }]);
});
