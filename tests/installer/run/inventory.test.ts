import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stackPaths } from "../../../components/provider/paths.ts";
import { inventoryOf } from "../../../installer/run/inventory.ts";

test("what is destroyed names every Git repository in Gitea's folders, and no wiki twice", async () => {
  const home = await mkdtemp(join(tmpdir(), "devflow-inventory-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const paths = stackPaths(home, "local");
  const root = join(paths.data("code"), "repositories");
  for (const name of ["bob2/judge.git", "bob2/judge.wiki.git", "ada/näme.git", "ada/dots.and-dashes.git"]) {
    await mkdir(join(root, name), { recursive: true });
    execFileSync("git", ["init", "--quiet", "--bare", join(root, name)]);
  }
  await mkdir(join(root, "ada", "half-made.git"), { recursive: true });
  const { repositories, databases } = await inventoryOf(paths);
  expect(repositories).toEqual(["ada/dots.and-dashes", "ada/näme", "bob2/judge"]);
  expect(databases).toEqual([]);
  expect((await inventoryOf(stackPaths(home, "none"))).repositories).toEqual([]);
});
