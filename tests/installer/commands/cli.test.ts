import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));

test("an unknown command suggests the nearest and ends with 2", async () => {
  const { code, stdout, stderr } = await devflow("stauts");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Unknown command 'stauts'.");
  expect(stderr).toContain("Did you mean status?");
});

test("a group without one of its commands shows its help, and help for no command says which is near", async () => {
  for (const args of [["hub"], ["hub", "keys"], ["secrets"]]) {
    const { code, stdout } = await devflow(...args);
    expect([args, code, stdout]).toEqual([args, 0, expect.stringContaining(`Usage: devflow ${args.join(" ")}`)]);
  }
  for (const [args, near] of [
    [["help", "upp"], "Did you mean up?"],
    [["hub", "kes"], "Did you mean hub keys?"],
    [["hub", "help", "kes"], "Did you mean hub keys?"],
    [["nope"], "Run `./devflow help` for the commands there are."],
  ] as const) {
    const { code, stderr } = await devflow(...args);
    expect([args, code, stderr]).toEqual([args, 2, expect.stringContaining(near)]);
  }
});

test("help fits a narrow terminal without breaking words", async () => {
  const { stdout } = await devflow("restart", "--help", { COLUMNS: "44" });
  expect(stdout).toContain("./devflow restart\n      restart everything, one after the\n      other\n");
  expect(stdout.split("\n").filter((line) => line.length > 50)).toEqual([]);
});

test("with --json an error is one object on stdout and nothing else is said", async () => {
  const { code, stdout, stderr } = await devflow("status", "--wacth", "--json");
  expect([code, stderr]).toEqual([2, ""]);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "USAGE",
      message: "Unknown option '--wacth'.",
      hint: "Did you mean --watch?",
      docs: "docs/reference/commands.md",
    },
  });
});

test("help begins with the three commonest examples and names every command", async () => {
  const { code, stdout, stderr } = await devflow();
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Examples:\n {2}\.\/devflow up .*\n {2}\.\/devflow .*\n {2}\.\/devflow .*\n\nUsage: devflow/);
  for (const name of ["up", "status", "doctor", "destroy", "completion"])
    expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
});

test("global options may stand before the command", async () => {
  const { code, stdout } = await devflow("--stack", "demo", "--json", "version");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ node: process.versions.node });
});

test("no command that only looks loads the infrastructure SDK", async () => {
  // Tells every package that is asked for.
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ resolve(name, context, next) { console.error("asks for " + name); return next(name, context); } });`;
  for (const args of [["version"], ["status", "--help"]]) {
    const { stderr } = await devflow(...args, {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`,
    });
    expect(stderr).toContain("asks for commander");
    expect(stderr).not.toContain("asks for @pulumi");
  }
});

test("a reader that goes away ends the program quietly", async () => {
  const child = spawn("sh", ["-c", `"${process.execPath}" "${cli}" help | true; exit 0`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (more) => {
    said += more;
  });
  await new Promise((resolve) => child.once("close", resolve));
  expect(said).toBe("");
});

test("completion answers with commands, options and their descriptions", async () => {
  const { stdout } = await devflow("complete", "--", "st");
  expect(stdout).toContain("status\tShow every component");
  expect((await devflow("complete", "--", "up", "--")).stdout).toContain("--wait\t");
});

test("what is internal is not offered, global options are, and bash completes without any package", async () => {
  expect((await devflow("complete", "--", "comp")).stdout).not.toContain("completion-script");
  expect((await devflow("complete", "--", "up", "--")).stdout).toContain("--stack\t");
  // The launcher would install what it needs to run, which is not for this test.
  const script = (await devflow("completion", "bash")).stdout.replace(
    /'[^']*\/devflow' complete/,
    `'${process.execPath}' '${cli}' complete`,
  );
  expect(script).toContain(cli);
  const asked = async (...words: string[]) => {
    const list = words.map((word) => `'${word}'`).join(" ");
    const line = `COMP_WORDS=(./devflow ${list}); COMP_CWORD=${words.length}; __devflow_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const child = spawn("bash", ["--norc", "-c", `${script}\n${line}`], {
      env: { ...process.env, PATH: "/usr/bin:/bin" },
    });
    let said = "";
    child.stdout.on("data", (more) => {
      said += more;
    });
    child.stderr.on("data", (more) => {
      said += more;
    });
    await new Promise((resolve) => child.once("close", resolve));
    return said;
  };
  expect(await asked("hub", "keys", "")).toBe("list\ncreate\nrevoke\nhelp\n");
  expect(await asked("--st")).toBe("--stack\n");
});

test("a completion script is made for each shell, and no other", async () => {
  for (const [shell, words] of [
    ["bash", "complete -o default -F"],
    ["zsh", "compdef"],
    ["fish", "complete -c devflow"],
  ] as const) {
    expect((await devflow("completion", shell)).stdout).toContain(words);
  }
  expect((await devflow("completion", "tcsh")).code).toBe(2);
});

test("with --json help, version and completion are one document each, in whatever order they are asked for", async () => {
  for (const [args, wanted] of [
    [["help"], { help: expect.stringContaining("Usage: devflow") }],
    [["--help"], { help: expect.stringContaining("Usage: devflow") }],
    [["help", "up"], { help: expect.stringContaining("--wait"), command: "up" }],
    [["up", "--help"], { help: expect.stringContaining("--wait"), command: "up" }],
    [["--version"], { devflow: expect.stringMatching(/^\d+\.\d+\.\d+/) }],
    [["completion", "zsh"], { shell: "zsh", script: expect.stringContaining("compdef") }],
  ] as const) {
    const { code, stdout, stderr } = await devflow(...args, "--json", { FORCE_COLOR: "1", NO_COLOR: "" });
    expect([args, code, stderr]).toEqual([args, 0, ""]);
    expect(JSON.parse(stdout)).toEqual(wanted);
  }
});

test("a stack that was named and is not there is an error, with the stacks that there are", async () => {
  const home = await mkdtemp(join(tmpdir(), "devflow-cli-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, "stacks", "demo"), { recursive: true });
  const { code, stderr } = await devflow("down", "--stack", "dem", { DEVFLOW_HOME: home });
  expect([code, stderr]).toEqual([11, expect.stringContaining("Did you mean demo?")]);
  expect((await devflow("status", "--stack", "dem", { DEVFLOW_HOME: home })).stderr).toBe(stderr);
  expect((await devflow("down", { DEVFLOW_HOME: home })).code).toBe(0);
});

test.runIf(process.platform === "linux")("output that cannot be written is one line and no defect", async () => {
  for (const args of ["status", "version", "version --json", "help", "config show"]) {
    const { code, stderr } = await shell(`"${process.execPath}" "${cli}" ${args} > /dev/full`);
    expect([args, code]).toEqual([args, 9]);
    expect(stderr).toContain("Standard output cannot be written: there is no space left where it goes.");
    expect(stderr).not.toMatch(/defect|\n\s+at /);
  }
  const both = await shell(`"${process.execPath}" "${cli}" version > /dev/full 2>/dev/full`);
  expect(both).toEqual({ code: 9, stderr: "" });
});

test.runIf(process.getuid?.() === 0)(
  "a user id without an entry in /etc/passwd is no defect, and is told what to set",
  async () => {
    const as = "setpriv --reuid=54321 --regid=54321 --clear-groups env -u HOME -u DEVFLOW_HOME -u DEVFLOW_CACHE";
    const homeless = await shell(`${as} "${process.execPath}" "${cli}" status`);
    expect(homeless.code).toBe(2);
    expect(homeless.stderr).toContain("Set HOME, or DEVFLOW_HOME and DEVFLOW_CACHE");
    expect(homeless.stderr).not.toMatch(/\n\s+at /);
    const folders = "DEVFLOW_HOME=/tmp/devflow-nobody DEVFLOW_CACHE=/tmp/devflow-nobody-cache";
    const checked = await shell(`${as} ${folders} "${process.execPath}" "${cli}" preflight`);
    expect(checked.code).toBe(4);
    expect(checked.stdout).toContain("user id 54321 has no entry in /etc/passwd");
    expect(checked.stdout).toContain("/etc/passwd");
    const shown = await shell(`${as} ${folders} "${process.execPath}" "${cli}" config show`);
    expect(shown.code).toBe(0);
  },
);

async function shell(line: string): Promise<{ code: number | null; stdout?: string; stderr: string }> {
  const child = spawn("sh", ["-c", line], { cwd: "/", env: { ...process.env, NO_COLOR: "1" } });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (more: string) => {
      said[name] += more;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stderr: said.stderr, ...(said.stdout && { stdout: said.stdout }) };
}

function devflow(
  ...words: (string | Record<string, string>)[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const args = words.filter((word) => typeof word === "string");
  const env = Object.assign(
    { ...process.env, NO_COLOR: "1", LANG: "C.UTF-8" },
    ...words.filter((word) => typeof word !== "string"),
  );
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (more: string) => {
      text[name] += more;
    });
  }
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...text })));
}
