import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { homePaths } from "../../components/provider/paths.ts";

const root = join(import.meta.dirname, "..", "..");
let folder: string;
let checkout: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "devflow-launcher-"));
  checkout = join(folder, "checkout");
  bin = join(folder, "bin");
  mkdirSync(join(checkout, "installer"), { recursive: true });
  mkdirSync(bin);
  for (const file of ["devflow", "package.json", "package-lock.json"]) cpSync(join(root, file), join(checkout, file));
  writeFileSync(join(checkout, "installer", "cli.ts"), "console.log(JSON.stringify(process.argv.slice(2)));\n");
  // What every system has; node, npm and git are added where a test wants them.
  for (const name of [
    "sh",
    "cat",
    "cmp",
    "cp",
    "cut",
    "date",
    "du",
    "grep",
    "id",
    "ls",
    "mv",
    "readlink",
    "rm",
    "sleep",
    "tail",
  ]) {
    symlinkSync(execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(), join(bin, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the launcher on a machine that lacks something", () => {
  it("names git and how to get it", async () => {
    const { code, stderr } = await launch(["up"]);
    expect([code, stderr]).toEqual([20, expect.stringMatching(/git is not installed[\s\S]*apt install git/)]);
  });

  it("names Node, and answers as JSON when asked to", async () => {
    program("git", "exit 0");
    const { code, stdout } = await launch(["up", "--json"]);
    expect(code).toBe(20);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "NO_NODE", hint: expect.stringContaining("Node 20") } });
  });

  it("answers with JSON whatever the path of its folder has in it", async () => {
    const odd = join(folder, `it's "odd" $HOME \\\\ back\ttab`);
    cpSync(checkout, odd, { recursive: true });
    withTools("exit 7");
    const { code, stdout } = await launch(["status", "--json"], join(odd, "devflow"));
    expect(code).toBe(20);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: "INSTALL_FAILED",
      hint: expect.stringContaining(`it's "odd"`),
    });
  });

  it("refuses a Node that is too old", async () => {
    program("git", "exit 0");
    program("node", "case $1 in -p) echo 18;; *) echo v18.20.0;; esac");
    const { code, stderr } = await launch(["version"]);
    expect([code, stderr]).toEqual([20, expect.stringContaining("Node.js v18.20.0 is too old")]);
  });

  it("shows npm's last lines when it fails, and leaves no lock", async () => {
    withTools('echo "npm error the registry said no" >&2; exit 7');
    const { code, stderr } = await launch(["version"]);
    expect([code, stderr]).toEqual([
      20,
      expect.stringMatching(/the registry said no[\s\S]*exit code 7[\s\S]*HTTPS_PROXY/),
    ]);
    expect((await launch(["version"])).code).toBe(20);
  });
});

describe("the launcher", () => {
  it("installs once, passes its words on, and works through a link from anywhere", async () => {
    withTools(install);
    const link = join(folder, "link");
    symlinkSync(join(checkout, "devflow"), link);
    const first = await launch(["logs", "a b", "--json"], link);
    expect([first.code, first.stdout]).toEqual([0, '["logs","a b","--json"]\n']);
    expect(first.stderr).toContain("Installing DevFlow's dependencies");
    const second = await launch(["status"], link);
    expect([second.stdout, second.stderr]).toEqual(['["status"]\n', ""]);
  });

  it("works in a folder whose name has spaces, quotes and a dollar sign, also through a link", async () => {
    const odd = join(folder, `Área de "Trabalho" it's $HOME`);
    cpSync(checkout, odd, { recursive: true });
    withTools(install);
    symlinkSync(join(odd, "devflow"), join(folder, "my link"));
    for (const file of [join(odd, "devflow"), join(folder, "my link")])
      expect((await launch(["status", "a b"], file)).stdout).toBe('["status","a b"]\n');
    expect(existsSync(join(odd, "node_modules"))).toBe(true);
  });

  it("starts without a home folder, as under cron, and writes nothing at the root of the file system", async () => {
    writeFileSync(join(checkout, "installer", "cli.ts"), "console.log(process.env.NODE_COMPILE_CACHE ?? 'none');\n");
    withTools(install);
    program("id", "echo 1000");
    expect((await launch(["status"], undefined, { HOME: "" })).stdout).toBe("none\n");
  });

  it("installs again when the lockfile has changed", async () => {
    withTools(install);
    await launch(["status"]);
    writeFileSync(join(checkout, "package-lock.json"), "{}");
    expect((await launch(["status"])).stderr).toContain("Installed in");
  });

  it("installs once for two starts at once", async () => {
    withTools(`echo run >>${join(folder, "installs")}; sleep 1; ${install}`);
    const both = await Promise.all([launch(["one"]), launch(["two"])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ stderr }) => stderr).join()).toMatch(/Another start \(process \d+\) is installing/);
    expect(execFileSync("cat", [join(folder, "installs")], { encoding: "utf8" })).toBe("run\n");
  });

  it("keeps what is installed in its place until the new one is whole, so that what runs and looks goes on", async () => {
    withTools(`${install}; echo old >node_modules/used`);
    await launch(["status"]);
    const used = () => readFileSync(join(checkout, "node_modules", "used"), "utf8");
    program(
      "npm",
      `touch ${join(folder, "begun")}; while [ ! -f ${join(folder, "go")} ]; do sleep 0.1; done; ${install}; echo new >node_modules/used`,
    );
    symlinkSync("/bin/touch", join(bin, "touch"));
    const larger = launch(["preview"], undefined, { DEVFLOW_STACK_KIND: "onprem" });
    await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
    expect(used()).toBe("old\n");
    expect((await launch(["status"])).stdout).toBe('["status"]\n');
    writeFileSync(join(folder, "go"), "");
    expect((await larger).stdout).toBe('["preview"]\n');
    expect(used()).toBe("new\n");
    program("npm", "exit 7");
    expect((await launch(["test"])).code).toBe(20);
    expect(used()).toBe("new\n");
    expect((await launch(["status"])).code).toBe(0);
  });

  it("installs what a kind of stack needs, however it was chosen, and no more for a local one", async () => {
    const log = join(folder, "npm-arguments");
    withTools(`echo "$*" >>${log}; ${install}`);
    const chosen: [string[], Record<string, string>, string?][] = [
      [["preview", "--set", "stack.kind=onprem"], {}],
      [["preview", "--set=stack.kind=saas"], {}],
      [["preview"], { DEVFLOW_STACK_KIND: "dedicated" }],
      [["preview"], {}, "stack:\n  kind: onprem\n"],
      [["preview", "--answers", "other.yaml"], {}, "stack:\n  kind: 'saas'\n"],
    ];
    for (const [args, env, answers] of chosen) {
      rmSync(join(checkout, "node_modules"), { recursive: true, force: true });
      rmSync(log, { force: true });
      const file = join(folder, args.includes("--answers") ? "other.yaml" : "devflow.yaml");
      if (answers) writeFileSync(file, answers);
      expect([args, (await launch(args, undefined, env)).code]).toEqual([args, 0]);
      expect([args, readFileSync(log, "utf8")]).toEqual([args, expect.not.stringContaining("--omit=peer")]);
      rmSync(file, { force: true });
    }
    rmSync(join(checkout, "node_modules"), { recursive: true, force: true });
    await launch(["preview"]);
    expect(readFileSync(log, "utf8")).toContain("--omit=peer");
  });

  it("is started again by the installer where packages are missing, once", async () => {
    const log = join(folder, "npm-arguments");
    withTools(`echo "$*" >>${log}; ${install}`);
    const relaunch = join(root, "installer", "relaunch.ts");
    writeFileSync(
      join(checkout, "installer", "cli.ts"),
      `import { installAndStartAgain } from ${JSON.stringify(relaunch)};
      installAndStartAgain(process.argv.slice(2), process.env);
      console.log(process.env.DEVFLOW_DEPENDENCIES, JSON.stringify(process.argv.slice(2)));`,
    );
    const { stdout, code } = await launch(["up", "a b"]);
    expect([code, stdout]).toEqual([0, 'cloud ["up","a b"]\n']);
    const [first, second, ...others] = readFileSync(log, "utf8").trim().split("\n");
    expect([first, second, others]).toEqual([
      expect.stringContaining("--omit=peer"),
      expect.not.stringContaining("--omit=peer"),
      [],
    ]);
  });

  it("installs nothing for the shell that asks how a word goes on", async () => {
    withTools(install);
    expect(await launch(["complete", "--", "st"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(existsSync(join(checkout, "node_modules"))).toBe(false);
  });

  it("shows help for test and check like for every command, and runs nothing", async () => {
    withTools(install);
    for (const args of [
      ["test", "--help"],
      ["check", "-h"],
    ]) {
      expect((await launch(args)).stdout).toBe(`${JSON.stringify(args)}\n`);
    }
  });

  it("keeps what Node compiles in DevFlow's cache, or where the person says", async () => {
    writeFileSync(
      join(checkout, "installer", "cli.ts"),
      "console.log(JSON.stringify(process.env.NODE_COMPILE_CACHE));\n",
    );
    withTools(install);
    const at = async (env: Record<string, string>) => JSON.parse((await launch(["status"], undefined, env)).stdout);
    expect(await at({})).toBe(join(homePaths({ HOME: folder }).cache, "node"));
    expect(await at({ XDG_CACHE_HOME: "/xdg" })).toBe(
      join(homePaths({ HOME: folder, XDG_CACHE_HOME: "/xdg" }).cache, "node"),
    );
    expect(await at({ DEVFLOW_CACHE: "/elsewhere" })).toBe("/elsewhere/node");
    expect(await at({ NODE_COMPILE_CACHE: "/mine" })).toBe("/mine");
  });

  it("waits for the npm of a start that was killed, then installs anew", async () => {
    const log = join(folder, "installs");
    withTools(`echo begin >>${log}; sleep 3; ${install}; echo end >>${log}`);
    const first = execFile(join(checkout, "devflow"), ["one"], { env: { PATH: bin, HOME: folder } });
    await expect.poll(() => existsSync(log)).toBe(true);
    await expect.poll(() => readFileSync(join(checkout, ".devflow-install.lock"), "utf8")).toMatch(/^\d+ \d+$/m);
    first.kill("SIGKILL");
    expect((await launch(["two"])).code).toBe(0);
    expect(readFileSync(log, "utf8")).toBe("begin\nend\nbegin\nend\n");
  });

  it("takes over the lock of a start that was killed", async () => {
    withTools(install);
    writeFileSync(join(checkout, ".devflow-install.lock"), "999999999\n");
    expect((await launch(["status"])).code).toBe(0);
  });
});

/** A stand-in for npm that puts this very Node where the real one would. */
const install = `mkdir -p node_modules/node-test/bin && ln -sf ${process.execPath} node_modules/node-test/bin/node`;

function withTools(npm: string): void {
  program("git", "exit 0");
  symlinkSync(process.execPath, join(bin, "node"));
  for (const name of ["mkdir", "ln"]) symlinkSync(`/bin/${name}`, join(bin, name));
  program("npm", npm);
}

function program(name: string, script: string): void {
  // A link there leads to the system's own program, which must not be written over.
  rmSync(join(bin, name), { force: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

function launch(args: string[], file = join(checkout, "devflow"), env: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(file, args, { env: { PATH: bin, HOME: folder, ...env }, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
