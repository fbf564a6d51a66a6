import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { createGzip, gzipSync } from "node:zlib";
import { Header } from "tar";
import { describe, expect, test } from "vitest";
import { eachFile, limits } from "../../../glue-services/knowledge/git/archive.ts";

type Type = "File" | "SymbolicLink" | "Link" | "Directory";

function entry(path: string, body: Buffer | string = "", type: Type = "File", linkpath?: string): Buffer {
  const data = Buffer.from(body);
  const header = new Header({
    ...{ path, type, size: type === "File" ? data.length : 0, mode: 0o644, mtime: new Date(0) },
    ...(linkpath && { linkpath }),
  });
  header.encode();
  const padding = Buffer.alloc((512 - (data.length % 512)) % 512);
  return Buffer.concat([header.block as Buffer, data, padding]);
}

const end = Buffer.alloc(1024);
const packed = (...entries: Buffer[]) => Readable.from([gzipSync(Buffer.concat([...entries, end]))]);

async function read(archive: Readable, until = Number.POSITIVE_INFINITY) {
  const seen: string[] = [];
  const told = await eachFile(
    archive,
    (path) => !path.startsWith("left-out/"),
    async (path, bytes) => {
      seen.push(`${path} ${bytes.length}`);
      return seen.length < until;
    },
  );
  return { seen, ...told };
}

describe("an archive of a repository", () => {
  test("is read file by file; links, folders, and names that lead out of it are passed over", async () => {
    const archive = packed(
      entry("repo/", "", "Directory"),
      entry("repo/README.md", "hello"),
      entry("repo/../../etc/cron.d/evil.md", "x"),
      entry("repo/a/../../../evil.md", "x"),
      entry("repo//etc/passwd.md", "x"),
      entry("repo/windows\\..\\..\\evil.md", "x"),
      entry("repo/link.md", "", "SymbolicLink", "/etc/passwd"),
      entry("repo/hard.md", "", "Link", "/etc/passwd"),
      entry("repo/left-out/a.md", "x"),
      entry("repo/huge.md", Buffer.alloc(limits.file + 1)),
      entry("repo/src/last.md", "the end"),
    );
    expect(await read(archive)).toEqual({ seen: ["README.md 5", "src/last.md 7"], files: 2, cut: false });
  });

  test("that unpacks to gigabytes is left where its limit is, and not unpacked to its end", async () => {
    let pulled = 0;
    const megabyte = entry("repo/left-out/zeros.md", Buffer.alloc(1024 * 1024 - 512));
    const bomb = Readable.from(
      (async function* () {
        yield entry("repo/first.md", "here");
        for (; pulled < 20_000; pulled++) yield megabyte;
        yield end;
      })(),
    ).pipe(createGzip({ level: 1 }));
    expect(await read(bomb as unknown as Readable)).toEqual({ seen: ["first.md 4"], files: 1, cut: true });
    expect(pulled).toBeLessThan(700);
  });

  test("is held back while a file is handled: memory does not grow with it", async () => {
    let pulled = 0;
    const noise = () => Buffer.from(Array.from({ length: 100 * 1024 }, () => Math.floor(Math.random() * 256)));
    const bodies = Array.from({ length: 8 }, noise);
    const archive = Readable.from(
      (async function* () {
        for (let at = 0; at < 2000; at++) {
          pulled++;
          yield entry(`repo/${at}.md`, bodies[at % 8]);
        }
        yield end;
      })(),
    ).pipe(createGzip({ level: 1 }));
    let handled = 0;
    await eachFile(
      archive,
      () => true,
      async () => {
        handled++;
        if (handled > 1) return false;
        await pause(500);
        expect(pulled).toBeLessThan(60);
        return true;
      },
    );
    expect(handled).toBe(2);
    expect(pulled).toBeLessThan(100);
  });

  test("that ends in the middle, or is none, is an error and not a small repository", async () => {
    const whole = gzipSync(Buffer.concat([entry("repo/a.md", "a".repeat(5000)), end]));
    await expect(read(Readable.from([whole.subarray(0, whole.length - 20)]))).rejects.toThrow();
    await expect(read(Readable.from([Buffer.from("no archive at all")]))).rejects.toThrow();
    const failing = packed(entry("repo/a.md", "x"), entry("repo/b.md", "y"));
    const handle = async () => {
      throw new Error("no room left");
    };
    await expect(eachFile(failing, () => true, handle)).rejects.toThrow("no room left");
  });

  test("ends where its reader has enough", async () => {
    const archive = packed(...Array.from({ length: 50 }, (_, at) => entry(`repo/${at}.md`, "x")));
    expect((await read(archive, 3)).seen).toEqual(["0.md 1", "1.md 1", "2.md 1"]);
  });
});
