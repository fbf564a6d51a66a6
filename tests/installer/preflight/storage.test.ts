import { chmod, mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { disk } from "../../../installer/preflight/checks/disk.ts";
import { temporary } from "../../../installer/preflight/checks/temporary.ts";
import { write } from "../../../installer/preflight/checks/write.ts";
import { afterMount, run, runBelow, temporaryFolder } from "./machine.ts";

const linux = process.platform === "linux";
const gibibyte = 1024 ** 3;
const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

describe("disk", () => {
  test("enough room is ok, and one file system counts data and cache together", async () => {
    await using folder = await temporaryFolder();
    const finding = await run(disk, { folder: folder.path, disk: { cache: gibibyte / 2, data: gibibyte / 2 } });
    expect(finding.status).toBe("ok");
    expect(finding.result).toMatch(/^1 GiB needed for data and cache \(.*\), .* free$/);
  });

  test("more than there is fails with both numbers", async () => {
    await using folder = await temporaryFolder();
    const finding = await run(disk, { folder: folder.path, disk: { cache: 1024 ** 5, data: 0 } });
    expect(finding.status).toBe("fail");
    expect(finding.result).toMatch(/1024 TiB needed .* free$/);
  });

  test.runIf(linux)("a small cache disk fails although the data disk is large", async () => {
    await using folder = await temporaryFolder();
    const mounted = afterMount(`mount -t tmpfs -o size=8m tmpfs ${folder.path}/cache`);
    const finding = await runBelow(mounted, "disk", { folder: folder.path, disk: { cache: 64 << 20, data: 0 } });
    expect(finding.status).toBe("fail");
    expect(finding.result).toMatch(/^64 MiB needed for cache \(.*\/cache\), 8 MiB free$/);
    expect(finding.fix).toContain("DEVFLOW_CACHE=");
  });

  test.runIf(linux)("a disk on which few files can be made fails although it has room", async () => {
    await using folder = await temporaryFolder();
    const mounted = afterMount(`mount -t tmpfs -o size=2g,nr_inodes=100 tmpfs ${folder.path}/home`);
    const finding = await runBelow(mounted, "disk", { folder: folder.path });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.result).toMatch(/^9\d files can still be made for data/);
  });

  test.runIf(linux)("data in memory is a warning, a cache in memory is not", async () => {
    await using folder = await temporaryFolder();
    const mount = (name: string) => afterMount(`mount -t tmpfs -o size=3g tmpfs ${folder.path}/${name}`);
    const data = await runBelow(mount("home"), "disk", { folder: folder.path });
    expect(data).toMatchObject({ status: "warn" });
    expect(data.result).toContain("is in memory");
    expect(await runBelow(mount("cache"), "disk", { folder: folder.path })).toMatchObject({ status: "ok" });
  });

  test("data on a network file system is a warning that names it", async () => {
    await using folder = await temporaryFolder();
    const free = { device: 1, total: 9 * gibibyte, available: 9 * gibibyte, files: 0, filesFree: 0 };
    const finding = await run(disk, { folder: folder.path }, { statfs: async () => ({ ...free, type: 0x6969 }) });
    expect(finding).toMatchObject({ status: "warn" });
    expect(finding.result).toContain("is on NFS");
  });

  test("little left over is a warning", async () => {
    await using folder = await temporaryFolder();
    const tight = { device: 1, type: 0, total: gibibyte, available: gibibyte / 2, files: 0, filesFree: 0 };
    const finding = await run(disk, { folder: folder.path }, { statfs: async () => tight });
    expect(finding).toMatchObject({ status: "warn" });
    expect(finding.result).toContain("little is left");
  });
});

describe("write", () => {
  test("folders that are symbolic links or still to be made are fine", async () => {
    await using folder = await temporaryFolder();
    await rm(join(folder.path, "home"), { recursive: true });
    await rm(join(folder.path, "cache"), { recursive: true });
    await mkdir(join(folder.path, "elsewhere"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, "cache"));
    expect(await run(write, { folder: folder.path })).toMatchObject({ status: "ok" });
    await expect(stat(join(folder.path, "home"))).rejects.toThrow("ENOENT");
  });

  test("a file in the place of a folder is named", async () => {
    await using folder = await temporaryFolder();
    await rm(join(folder.path, "home"), { recursive: true });
    await writeFile(join(folder.path, "home"), "");
    const finding = await run(write, { folder: folder.path });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.result).toContain("a part of the path is a file");
  });

  test.runIf(linux)("a folder without the right to write fails for an ordinary user", async () => {
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o755);
    await chmod(join(folder.path, "cache"), 0o777);
    await chmod(join(folder.path, "home"), 0o555);
    const finding = await runBelow(process.getuid?.() === 0 ? nobody : ["env"], "write", { folder: folder.path });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.result).toContain(`data folder ${folder.path}/home cannot be written: permission denied`);
    expect(finding.fix).toContain("DEVFLOW_HOME=");
  });

  test.runIf(linux)("a full disk fails", async () => {
    await using folder = await temporaryFolder();
    const mounted = afterMount(
      `mount -t tmpfs -o size=64k tmpfs ${folder.path}/home && (cat /dev/zero > ${folder.path}/home/fill 2>&-; true)`,
    );
    const finding = await runBelow(mounted, "write", { folder: folder.path });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.result).toContain("the disk is full");
  });

  test.runIf(linux)("a read-only disk fails", async () => {
    await using folder = await temporaryFolder();
    const mounted = afterMount(`mount -t tmpfs -o ro tmpfs ${folder.path}/cache`);
    const finding = await runBelow(mounted, "write", { folder: folder.path });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.result).toContain("the file system is read-only");
  });

  test.runIf(linux)("a noexec cache fails, a noexec data folder does not", async () => {
    await using folder = await temporaryFolder();
    const mount = (name: string) => afterMount(`mount -t tmpfs -o noexec tmpfs ${folder.path}/${name}`);
    const cache = await runBelow(mount("cache"), "write", { folder: folder.path });
    expect(cache).toMatchObject({ status: "fail" });
    expect(cache.result).toContain("mounted noexec");
    expect(await runBelow(mount("home"), "write", { folder: folder.path })).toMatchObject({ status: "ok" });
  });
});

describe("temporary folder", () => {
  test("a writable one with room is ok", async () => {
    const finding = await run(temporary, { folder: "/nowhere" });
    expect(finding).toMatchObject({ status: "ok" });
  });

  test("one that is not there fails with its path", async () => {
    const env = { ...process.env, TMPDIR: "/no/such/folder" };
    const finding = await run(temporary, { folder: "/nowhere" }, { env });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.result).toContain("/no/such/folder cannot be written");
  });

  test.runIf(linux)("a small and a full one are told apart", async () => {
    await using folder = await temporaryFolder();
    const at = `${folder.path}/home`;
    const mount = (more: string) => afterMount(`mount -t tmpfs -o size=4m tmpfs ${at} && ${more} export TMPDIR=${at}`);
    const small = await runBelow(mount(""), "temporary", { folder: folder.path });
    expect(small).toMatchObject({ status: "warn" });
    expect(small.result).toMatch(/has only 4 MiB free$/);
    const full = await runBelow(mount(`(cat /dev/zero > ${at}/fill 2>&-; true);`), "temporary", {
      folder: folder.path,
    });
    expect(full).toMatchObject({ status: "fail" });
    expect(full.result).toContain("it is full");
  });

  test.runIf(linux)("a locale that is not installed is named", async () => {
    const finding = await runBelow(["env", "LC_ALL=xx_YY.UTF-8"], "temporary", { folder: "/nowhere" });
    expect(finding).toMatchObject({ status: "warn", result: "xx_YY.UTF-8 is not installed on this machine" });
  });
});
