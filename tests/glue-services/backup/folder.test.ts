import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collected } from "../../../glue-services/backup/bytes.ts";
import { archive, type Seen } from "../../../glue-services/backup/copies/folder.ts";

const run = promisify(execFile);

describe("an archive of a folder", () => {
  let folder: string;
  let out: string;
  const seen = (): Seen => ({ files: 0, shortened: [] });
  const of = (more: { leaveOut?: string[]; fresh?: number } = {}) => ({
    kind: "folder" as const,
    path: folder,
    leaveOut: [],
    ...more,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "devflow-copied-"));
    out = await mkdtemp(join(tmpdir(), "devflow-copy-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(out, { recursive: true, force: true });
  });

  async function unpack(bytes: AsyncIterable<Buffer>): Promise<string> {
    const file = join(out, "folder.tar");
    await writeFile(file, await collected(bytes));
    await mkdir(join(out, "to"), { recursive: true });
    await run("tar", ["-xf", file, "-C", join(out, "to")]);
    return join(out, "to");
  }

  it("is read by tar itself: long names, links, empty files and folders, and what is left out is not in it", async () => {
    const long = `${"a folder/".repeat(3)}${"x".repeat(180)}`;
    await mkdir(join(folder, "a folder/a folder/a folder"), { recursive: true });
    await mkdir(join(folder, "cache/deep"), { recursive: true });
    await mkdir(join(folder, "empty"));
    await writeFile(join(folder, long), "long", { mode: 0o640 });
    await writeFile(join(folder, "nothing"), "");
    await writeFile(join(folder, "größe.txt"), "x".repeat(700_000));
    await writeFile(join(folder, "cache/deep/file"), "no");
    await symlink("nothing", join(folder, "link"));
    const count = seen();
    const to = await unpack(archive(of({ leaveOut: ["cache"] }), count, Date.now()));
    expect(count).toEqual({ files: 3, shortened: [] });
    const { stdout } = await run("find", [".", "-printf", "%y %m %P\n"], { cwd: to });
    const { stdout: wanted } = await run("find", [".", "-path", "./cache", "-prune", "-o", "-printf", "%y %m %P\n"], {
      cwd: folder,
    });
    expect(stdout.split("\n").slice(1).sort()).toEqual(wanted.split("\n").slice(1).sort());
    expect(await readFile(join(to, "größe.txt"), "utf8")).toHaveLength(700_000);
    expect(await readFile(join(to, long), "utf8")).toBe("long");
  });

  it("of a repository that is packed while it is read has every object that its branches point to", async () => {
    const git = (...words: string[]) =>
      run("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...words], { cwd: join(folder, "r") });
    await mkdir(join(folder, "r"));
    await git("init", "-q", "-b", "main");
    const commit = async (name: string) => {
      await writeFile(join(folder, "r", name), name.repeat(50));
      await git("add", name);
      await git("commit", "-q", "-m", name);
    };
    for (const name of ["one", "two", "three", "four"]) await commit(name);
    // What packs is run at the worst moments: between any two blocks of the archive.
    let blocks = 0;
    async function* disturbed() {
      for await (const block of archive(of(), seen(), Date.now())) {
        yield block;
        blocks++;
        if (blocks % 15 === 0) {
          await commit(`later-${blocks}`);
          await git("gc", "-q", "--prune=now");
        }
      }
    }
    const to = await unpack(disturbed());
    expect(blocks).toBeGreaterThan(45);
    await run("git", ["-C", join(to, "r"), "fsck", "--full"]);
    const { stdout } = await run("git", ["-C", join(to, "r"), "log", "--oneline", "main"]);
    expect(stdout.split("\n").length).toBeGreaterThanOrEqual(5);
  });

  it("keeps to the size of its header when a file is cut short while it is read, and says so", async () => {
    await writeFile(join(folder, "a"), Buffer.alloc(3_000_000, 1));
    await writeFile(join(folder, "b"), "after");
    const count = seen();
    let blocks = 0;
    async function* disturbed() {
      for await (const block of archive(of(), count, Date.now())) {
        yield block;
        if (blocks++ === 1) await writeFile(join(folder, "a"), "short");
      }
    }
    const to = await unpack(disturbed());
    expect(count.shortened).toEqual(["a"]);
    expect(await readFile(join(to, "a"))).toHaveLength(3_000_000);
    expect(await readFile(join(to, "b"), "utf8")).toBe("after");
  });

  it("is refused where its newest file is older than it may be", async () => {
    await writeFile(join(folder, "graph.dump"), "dump");
    const now = Date.now();
    await utimes(join(folder, "graph.dump"), new Date(now - 30 * 3_600_000), new Date(now - 30 * 3_600_000));
    await expect(collected(archive(of({ fresh: 26 }), seen(), now))).rejects.toThrow("no file of the last 26 hours");
    await collected(archive(of({ fresh: 31 }), seen(), now));
  });
});
