import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));

test("an unknown command suggests the nearest and ends with 2", async () => {
  const { code, stdout, stderr } = await devflow("stauts");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Unknown command 'stauts'.");
  expect(stderr).toContain("Did you mean status?");
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

test("a completion script is made for each shell, and no other", async () => {
  for (const [shell, words] of [
    ["bash", "complete -F"],
    ["zsh", "compdef"],
    ["fish", "complete -c devflow"],
  ] as const) {
    expect((await devflow("completion", shell)).stdout).toContain(words);
  }
  expect((await devflow("completion", "tcsh")).code).toBe(2);
});

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
