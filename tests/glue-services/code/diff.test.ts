import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseDiff } from "../../../glue-services/code/diff/parse.ts";
import { linesShown, showDiff, summary } from "../../../glue-services/code/diff/show.ts";

test("a diff of git is read with every kind of change, odd names, and lines that look like its own marks", async () => {
  const folder = await mkdtemp(join(tmpdir(), "devflow-diff-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: folder }).toString();
  const put = (name: string, text: string | Buffer) => writeFile(join(folder, name), text);
  git("init", "-q", "-b", "main");
  const long = Array.from({ length: 40 }, (_, at) => `line ${at + 1}`);
  await put("long.txt", `${long.join("\n")}\n`);
  await put("marks.sql", "-- a comment\n++ b\n\nlast");
  await put("gone.txt", "bye\n");
  await put("old name.txt", `${long.join("\n")}\n`);
  await put("mode.sh", "x\n");
  await put('ü "quoted".txt', "a\n");
  await put("picture.bin", Buffer.from([0, 1, 2]));
  git("add", "-A");
  git("commit", "-qm", "before");
  await put("long.txt", `${long.with(1, "second").with(38, "near the end").join("\n")}\n`);
  await put("marks.sql", "--- a/marks.sql\n+++ b/marks.sql\n\n@@ -1 +1 @@");
  await rm(join(folder, "gone.txt"));
  await rename(join(folder, "old name.txt"), join(folder, "new name.txt"));
  await chmod(join(folder, "mode.sh"), 0o755);
  await put('ü "quoted".txt', "b\n");
  await put("picture.bin", Buffer.from([0, 1, 3]));
  await put("empty.txt", "");
  git("add", "-A");
  const files = parseDiff(git("diff", "--cached", "-M"));
  const byPath = Object.fromEntries(files.map((one) => [one.path, one]));
  expect(files.map(({ path, change, from, binary }) => [path, change, from ?? null, binary]).sort()).toEqual([
    ["empty.txt", "added", null, false],
    ["gone.txt", "deleted", null, false],
    ["long.txt", "changed", null, false],
    ["marks.sql", "changed", null, false],
    ["mode.sh", "changed", null, false],
    ["new name.txt", "moved", "old name.txt", false],
    ["picture.bin", "changed", null, true],
    ['ü "quoted".txt', "changed", null, false],
  ]);
  expect(linesShown(byPath["long.txt"] as never, "new")).toBe("1-5, 36-40");
  expect(byPath["marks.sql"]?.lines.map(({ mark, text }) => mark + text)).toEqual([
    expect.stringMatching(/^@@@ -1,4/),
    "--- a comment",
    "-++ b",
    "+--- a/marks.sql",
    "++++ b/marks.sql",
    " ",
    "-last",
    "+@@ -1 +1 @@",
  ]);
  expect(byPath["long.txt"]?.lines.filter(({ mark }) => mark === "+")).toEqual([
    { mark: "+", new: 2, text: "second" },
    { mark: "+", new: 39, text: "near the end" },
  ]);
  expect(summary(files)).toContain("changed  +3 -3 marks.sql");
  expect(showDiff(files)).toContain("=== new name.txt (moved from old name.txt)");
});
