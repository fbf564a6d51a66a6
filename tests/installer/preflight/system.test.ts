import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cpu } from "../../../installer/preflight/checks/cpu.ts";
import { environment } from "../../../installer/preflight/checks/environment.ts";
import { git } from "../../../installer/preflight/checks/git.ts";
import { limits } from "../../../installer/preflight/checks/limits.ts";
import { memory } from "../../../installer/preflight/checks/memory.ts";
import { node } from "../../../installer/preflight/checks/node.ts";
import { watches } from "../../../installer/preflight/checks/watches.ts";
import { machineFacts } from "../../../installer/preflight/machine/index.ts";
import { inputFor, run, runBelow, temporaryFolder } from "./machine.ts";

const linux = process.platform === "linux";
const gibibyte = 1024 ** 3;

describe("cpu", () => {
  test("two processors are ok, one is a warning, an overloaded machine is a warning", async () => {
    const at = { folder: "/nowhere" };
    const none = { proc: "/none", cgroup: "/none" };
    expect(await run(cpu, at, { ...none, cores: 2, load: 1 })).toMatchObject({ status: "ok", result: "2 processors" });
    expect(await run(cpu, at, { ...none, cores: 1, load: 0 })).toMatchObject({ status: "warn" });
    const busy = await run(cpu, at, { ...none, cores: 2, load: 31 });
    expect(busy).toMatchObject({ status: "warn", result: "2 processors, very busy (load 31)" });
  });

  test("a control group's quota counts, in either version", async () => {
    await using folder = await temporaryFolder();
    const two = await groups(folder.path, "0::/box\n", { "box/cpu.max": "150000 100000\n", "cpu.max": "max 100000\n" });
    expect(await run(cpu, { folder: folder.path }, { ...two, cores: 8, load: 0 })).toMatchObject({
      status: "warn",
      result: "1.5 processors of 8, limited by the control group",
    });
    await using other = await temporaryFolder();
    const one = await groups(other.path, "5:cpu,cpuacct:/\n", {
      "cpu/cpu.cfs_quota_us": "400000\n",
      "cpu/cpu.cfs_period_us": "100000\n",
    });
    expect(await run(cpu, { folder: other.path }, { ...one, cores: 8, load: 0 })).toMatchObject({
      status: "ok",
      result: "4 processors of 8, limited by the control group",
    });
  });
});

describe("memory", () => {
  test("what is needed is compared with what is available on this machine", async () => {
    const little = await run(memory, { folder: "/nowhere", memory: 1 });
    expect(little.status).toBe("ok");
    expect(little.result).toMatch(/^1 MiB of memory needed, [\d.]+ [MG]iB of [\d.]+ [MG]iB available/);
    const much = await run(memory, { folder: "/nowhere", memory: 1024 * 1024 * 1024 });
    expect(much.status).toBe("fail");
    expect(much.fix).toContain("--set profile=minimal");
  });

  test("swap turns a failure into a warning", async () => {
    await using folder = await temporaryFolder();
    const meminfo = (swap: number) => `MemTotal: 4194304 kB\nMemAvailable: 524288 kB\nSwapFree: ${swap} kB\n`;
    await writeFile(join(folder.path, "meminfo"), meminfo(0));
    const facts = { os: "linux" as const, proc: folder.path, cgroup: folder.path };
    expect((await run(memory, { folder: folder.path, memory: 980 }, facts)).status).toBe("fail");
    await writeFile(join(folder.path, "meminfo"), meminfo(2097152));
    const swapped = await run(memory, { folder: folder.path, memory: 980 }, facts);
    expect(swapped).toMatchObject({
      status: "warn",
      result: "980 MiB of memory needed, 512 MiB of 4 GiB available, and 2 GiB of swap",
    });
  });

  test("a limit of control groups version 2 counts, that of a parent too, and dropped cache is free", async () => {
    await using folder = await temporaryFolder();
    const facts = await groups(folder.path, "0::/outer/inner\n", {
      "outer/inner/memory.max": "max\n",
      "outer/inner/memory.current": "0\n",
      "outer/memory.max": `${gibibyte}\n`,
      "outer/memory.current": `${gibibyte * 0.75}\n`,
      "outer/memory.stat": `anon 1\ninactive_file ${gibibyte / 4}\n`,
    });
    await writeFile(join(facts.proc, "meminfo"), "MemTotal: 8388608 kB\nMemAvailable: 8388608 kB\n");
    const finding = await run(memory, { folder: folder.path, memory: 900 }, facts);
    expect(finding).toMatchObject({
      status: "fail",
      result: `900 MiB of memory needed, 512 MiB of 1 GiB available, limited by ${facts.cgroup}/outer/memory.max`,
    });
    expect(finding.fix).toContain("Raise the limit of the container");
    expect((await run(memory, { folder: folder.path, memory: 500 }, facts)).status).toBe("ok");
  });

  test("a limit of control groups version 1 counts, also when the path is that of the host", async () => {
    await using folder = await temporaryFolder();
    const facts = await groups(folder.path, "4:memory:/docker/0123\n0::/\n", {
      "memory/memory.limit_in_bytes": `${gibibyte}\n`,
      "memory/memory.usage_in_bytes": `${gibibyte / 2}\n`,
      "memory/memory.stat": "total_inactive_file 0\n",
    });
    await writeFile(join(facts.proc, "meminfo"), "MemTotal: 8388608 kB\nMemAvailable: 8388608 kB\n");
    const finding = await run(memory, { folder: folder.path, memory: 900 }, facts);
    expect(finding.status).toBe("fail");
    expect(finding.result).toContain("512 MiB of 1 GiB available");
  });

  test("version 1's number for no limit is none", async () => {
    await using folder = await temporaryFolder();
    const facts = await groups(folder.path, "4:memory:/\n", {
      "memory/memory.limit_in_bytes": "9223372036854771712\n",
      "memory/memory.usage_in_bytes": "1\n",
    });
    await writeFile(join(facts.proc, "meminfo"), "MemTotal: 8388608 kB\nMemAvailable: 8388608 kB\n");
    expect((await run(memory, { folder: folder.path, memory: 4096 }, facts)).result).not.toContain("limited");
  });

  test.runIf(linux)("memory that the stack's own programs have is not needed once more", async () => {
    const finding = await run(memory, { folder: "/nowhere", memory: 4096, owned: { ports: [], pids: [process.pid] } });
    expect(finding.result).toContain(" more of memory needed");
    expect((finding.data as { running: number }).running).toBeGreaterThan(10 << 20);
  });
});

describe("limits", () => {
  test.runIf(linux)("a low number of open files fails, a middling one warns", async () => {
    const files = (count: number) => ["sh", "-c", `ulimit -n ${count} && exec "$@"`, "sh"];
    const low = await runBelow(files(64), "limits", { folder: "/nowhere" });
    expect(low).toMatchObject({
      status: "fail",
      result: "only 64 open files allowed, 4096 are advised",
      fix: "ulimit -n 65536",
    });
    expect(await runBelow(files(1024), "limits", { folder: "/nowhere" })).toMatchObject({ status: "warn" });
    expect(await runBelow(files(8192), "limits", { folder: "/nowhere" })).toMatchObject({ status: "ok" });
  });

  test("what is left of a control group's processes counts", async () => {
    await using folder = await temporaryFolder();
    const facts = await groups(folder.path, "0::/box\n", { "box/pids.max": "200\n", "box/pids.current": "150\n" });
    await writeFile(
      join(facts.proc, "self", "limits"),
      "Max processes 9999 9999 processes\nMax open files 9999 9999 files\n",
    );
    const finding = await run(limits, { folder: folder.path }, facts);
    expect(finding).toMatchObject({ status: "fail", result: "only 50 more processes allowed, 512 are advised" });
    expect(finding.fix).toBe(`Raise ${facts.cgroup}/box/pids.max`);
  });

  test("without a process table the shell is asked", async () => {
    const finding = await run(limits, { folder: "/nowhere" }, { proc: "/none", cgroup: "/none" });
    expect((finding.data as { openFiles: number }).openFiles).toBeGreaterThan(0);
  });
});

describe("watches", () => {
  test.runIf(linux)("this machine's limits are read and a real watch is tried", async () => {
    const finding = await run(watches, { folder: "/nowhere" });
    expect(finding.result).toMatch(/watches|inotify/);
  });

  test.runIf(linux)("used-up watches are a warning with the setting to raise", async () => {
    const none = [
      "unshare",
      "--user",
      "--map-root-user",
      "sh",
      "-c",
      'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
      "sh",
    ];
    const finding = await runBelow(none, "watches", { folder: "/nowhere" });
    expect(finding).toMatchObject({ status: "warn", fix: "sudo sysctl fs.inotify.max_user_instances=1024" });
    expect(finding.result).toContain("no file watch left");
  });

  test("low limits are a warning, and other systems are not asked", async () => {
    await using folder = await temporaryFolder();
    await put(join(folder.path, "sys/fs/inotify/max_user_watches"), "100\n");
    await put(join(folder.path, "sys/fs/inotify/max_user_instances"), "1000\n");
    const finding = await run(watches, { folder: folder.path }, { os: "linux", proc: folder.path });
    expect(finding).toMatchObject({ status: "warn", result: "fs.inotify.max_user_watches is 100, 8192 is advised" });
    expect((await run(watches, { folder: folder.path }, { os: "darwin" })).status).toBe("skipped");
  });
});

describe("programs", () => {
  test("an old Node fails, this one is ok", async () => {
    expect((await run(node, { folder: "/nowhere" })).status).toBe("ok");
    expect(await run(node, { folder: "/nowhere" }, { nodeVersion: "20.19.0" })).toMatchObject({
      status: "fail",
      result: "Node 20.19.0",
    });
  });

  test("git is found, and an old or missing one fails", async () => {
    await using folder = await temporaryFolder();
    expect((await run(git, { folder: folder.path })).result).toMatch(/^git \d+\.\d+/);
    await writeFile(join(folder.path, "git"), "#!/bin/sh\necho git version 2.29.3\n", { mode: 0o755 });
    const old = await runBelow(["env", `PATH=${folder.path}`], "git", { folder: folder.path });
    expect(old).toMatchObject({ status: "fail", result: "git 2.29.3, 2.30 or later is needed" });
    const missing = await runBelow(["env", "PATH=/nowhere"], "git", { folder: folder.path });
    expect(missing).toMatchObject({ status: "fail", result: "git is not installed" });
  });
});

describe("environment", () => {
  test("WSL is told, and a Windows drive under it is a warning", async () => {
    await using folder = await temporaryFolder();
    await put(join(folder.path, "version"), "Linux version 5.15.1-microsoft-standard-WSL2");
    const facts = { proc: folder.path };
    expect((await run(environment, { folder: folder.path }, facts)).result).toContain("WSL");
    expect(await run(environment, { folder: "/mnt/c/devflow" }, facts)).toMatchObject({ status: "warn" });
    const here = await environment.run(inputFor({ folder: folder.path }), AbortSignal.timeout(60_000));
    expect(here.result).toMatch(/^(linux|darwin)-/);
  });

  test("a container is told by the groups of its first process", async () => {
    await using folder = await temporaryFolder();
    await put(join(folder.path, "1/cgroup"), "0::/kubepods/pod1\n");
    expect((await run(environment, { folder: folder.path }, { proc: folder.path })).result).toContain("in a container");
  });
});

test("the facts of the machine answer with this machine's own values", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_900_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const facts = machineFacts();
  expect(facts.now()).toBe(1_900_000_000_000);
  expect(await facts.readFile("/no/such/file")).toBeUndefined();
  expect(await facts.exec(["sh", "-c", "echo out; echo err >&2; exit 3"], AbortSignal.timeout(60_000))).toEqual({
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  expect((await facts.exec(["no-such-program-anywhere"], AbortSignal.timeout(60_000))).code).toBe(127);
});

/** Folders as the kernel shows them, for limits that a test cannot set for real. */
async function groups(folder: string, own: string, files: Record<string, string>) {
  const [proc, cgroup] = [join(folder, "proc"), join(folder, "cgroup")];
  await put(join(proc, "self", "cgroup"), own);
  for (const [path, text] of Object.entries(files)) await put(join(cgroup, path), text);
  return { os: "linux" as const, proc, cgroup };
}

async function put(path: string, text: string) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
