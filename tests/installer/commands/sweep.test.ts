import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorCodes } from "../../../components/error.ts";
import type { Command } from "../../../installer/commands/command.ts";
import { table } from "../../../installer/commands/table.ts";

const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "devflow-sweep-"));
  await mkdir(join(folder, "work"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Every command that does something, with its group's name before it. */
const commands = (await Promise.all(Object.values(table).map((entry) => entry.load()))).flatMap((one) => leaves(one));
/** Run by the launcher, with npm, in the checkout. */
const launched = ["test", "check"];

describe.concurrent("every command", () => {
  test.for(commands.map(({ path, command }) => [path.join(" "), path, command] as const))(
    "%s explains itself with an example, plainly where no terminal is",
    async ([name, path, command]) => {
      const { code, stdout, stderr } = await devflow([...path, "--help"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain(`Usage: devflow ${name}`);
      expect(stdout).toContain(command.summary.split(" ")[0]);
      expect(stdout).toMatch(/^Examples:\n {2}.*\.\/devflow /);
      expect(stdout).not.toMatch(control);
    },
  );

  test.for(
    commands.filter(({ path }) => !launched.includes(path[0] ?? "")).map(({ path }) => [path.join(" "), path] as const),
  )(
    "%s answers with JSON alone, where there is no stack and nobody to ask, and ends as is documented",
    async ([, path]) => {
      const { code, stdout, stderr } = await devflow([...path, "--json"]);
      expect(stderr).toBe("");
      expect(stdout).not.toMatch(control);
      // A command that follows something writes a value a line, and none where there is nothing.
      const said = documents(stdout);
      const error = said.at(-1)?.error as { code: keyof typeof errorCodes; hint: string; message: string } | undefined;
      if (error) {
        expect(error).toMatchObject({ message: expect.stringMatching(/\S/), hint: expect.stringMatching(/\S/) });
        expect([path, error.code, code]).toEqual([path, error.code, errorCodes[error.code]?.exit]);
      } else expect([0, 1]).toContain(code);
    },
  );

  test.for(
    commands.filter(({ path }) => !launched.includes(path[0] ?? "")).map(({ path }) => [path.join(" "), path] as const),
  )("%s refuses an option that there is not", async ([, path]) => {
    const { code, stdout, stderr } = await devflow([...path, "--nonsense"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Unknown option '--nonsense'.");
    expect(stderr).not.toMatch(control);
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is looked at.
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/;

function leaves(command: Command, before: string[] = []): { path: string[]; command: Command }[] {
  const path = [...before, command.name];
  const own = command.run ? [{ path, command }] : [];
  return [...own, ...(command.subcommands ?? []).flatMap((one) => leaves(one, path))];
}

/** One document, or one a line. */
function documents(text: string): { error?: object }[] {
  if (text === "") return [];
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
}

async function devflow(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, DEVFLOW_API_KEY: _key, ...rest } = process.env;
  const home = { HOME: folder, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: join(folder, "cache") };
  const env = { ...rest, ...home, TERM: "xterm-256color", LANG: "C.UTF-8", COLUMNS: "100" };
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: join(folder, "work"),
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (more: string) => {
      said[name] += more;
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...said };
}
