import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSpool } from "../../../glue-services/ai-gateway/usage/spool.ts";

test("usage is not kept in a folder that somebody else may have made or may write to", async () => {
  const shared = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(shared, { recursive: true, force: true }));
  const open = (folder: string) =>
    openSpool({ public: true, folder, bound: 1024, write: async () => [], failed: () => {} });
  const [own, linked, writable] = ["own", "linked", "writable"].map((name) => join(shared, name)) as [
    string,
    string,
    string,
  ];
  await symlink(own, linked);
  await mkdir(writable);
  await chmod(writable, 0o777);
  await (await open(own)).close();
  await expect(open(linked)).rejects.toThrow("dataFolder");
  await expect(open(writable)).rejects.toThrow("dataFolder");
});
