import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DevflowError } from "../../components/error.ts";
import type { Command, Io } from "../../installer/commands/command.ts";
import { dispatch } from "../../installer/commands/parse.ts";
import { loadAll } from "../../installer/commands/table.ts";
import { locateStack, openStack } from "../../installer/stack.ts";
import { schemaAt } from "../../stacks/config/index.ts";
import { wholeNumbers } from "../seeded.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "devflow-names-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const reported = ["../x", "Prod", "", "a/b", "ünï", ".", "..", "-", "a b", "local\n", "local\0", "/etc", "~", "LOCAL"];

test("every command refuses a stack's name that is not allowed, and touches no stack", async () => {
  const commands = (await loadAll()).flatMap((command) => leaves(command));
  expect(commands.length).toBeGreaterThan(40);
  const names = invalidNames(60);
  for (const [index, words] of commands.entries()) {
    const some = [...reported.slice(0, 3), reported[index % reported.length] ?? "", names[index % names.length] ?? ""];
    for (const name of some) {
      const error = await failure(dispatch([...words, `--stack=${name}`], io()));
      expect([words.join(" "), name, error.code, error.message]).toEqual([
        ...[words.join(" "), name, "CONFIG_INVALID"],
        expect.stringContaining("--stack"),
      ]);
    }
  }
  expect(await readdir(folder)).toEqual([]);
});

test("a stack's name is allowed or refused alike by --stack, --set, the environment and the answers file", async () => {
  const pattern = new RegExp(schemaAt(["stack", "name"])?.pattern ?? "^$");
  const file = join(folder, "answers.yaml");
  for (const name of [...reported, ...invalidNames(150), ...validNames(50)]) {
    const allowed = pattern.test(name);
    await writeFile(file, `version: 1\nstack:\n  name: ${JSON.stringify(name)}\n`);
    const ways: [string, () => Promise<{ name: string }>][] = [
      ["--stack", () => locateStack(io(), { stack: name })],
      ["--set", () => locateStack(io(), { set: [`stack.name=${name}`] })],
      ["file", () => locateStack(io(), { answers: file })],
    ];
    // An empty variable counts as not set, and a variable cannot hold NUL.
    if (name !== "") ways.push(["environment", () => locateStack(io({ DEVFLOW_STACK_NAME: name }), {})]);
    for (const [way, place] of ways) {
      const found = await place().then(
        (one) => one.name,
        (error: unknown) => (error instanceof DevflowError ? error.code : String(error)),
      );
      expect([way, name, found]).toEqual([way, name, allowed ? name : "CONFIG_INVALID"]);
    }
  }
  await rm(file);
});

test("a misspelt setting of the command line or of the stack's section is never passed over", async () => {
  const file = join(folder, "other.yaml");
  await writeFile(file, "version: 1\nstack:\n  nme: prod\nnetwork:\n  port: never\n");
  const world = io();
  const misspelt = await failure(locateStack(world, { answers: file }));
  expect(misspelt.code).toBe("CONFIG_INVALID");
  // All that is wrong in the file is said at once, as `config validate` does.
  expect(misspelt.message).toContain("stack.nme");
  expect(misspelt.message).toContain("network.port");
  expect((await failure(locateStack(world, { set: ["stack.nme=prod"] }))).code).toBe("CONFIG_INVALID");
  // What is wrong elsewhere in the file, or overruled, stops nobody from looking at the stack and ending it.
  expect((await locateStack(world, { answers: file, stack: "prod" })).name).toBe("prod");
  await writeFile(file, "version: 1\nstack:\n  name: prod\nnetwork:\n  port: never\n");
  expect((await locateStack(world, { answers: file })).name).toBe("prod");
  expect((await failure(openStack(world, { answers: file }))).code).toBe("CONFIG_INVALID");
  await rm(file);
});

/** Every command that runs, by its words, with something for each argument that it demands. */
function leaves(command: Command, before: string[] = []): string[][] {
  const words = [...before, command.name];
  const own = command.run
    ? [[...words, ...(command.arguments ?? []).flatMap((one) => (one.required ? ["x"] : []))]]
    : [];
  return [...own, ...(command.subcommands ?? []).flatMap((child) => leaves(child, words))];
}

function invalidNames(count: number): string[] {
  const random = wholeNumbers(4600);
  const pattern = new RegExp(schemaAt(["stack", "name"])?.pattern ?? "^$");
  const letters = [..."abzAZ09-_./\\ :;~$*?\"'\n\t\u00fc\u540d\u202e"];
  const names: string[] = [];
  while (names.length < count) {
    const name = Array.from({ length: random(70) }, () => letters[random(letters.length)]).join("");
    if (!pattern.test(name)) names.push(name);
  }
  return names;
}

function validNames(count: number): string[] {
  const random = wholeNumbers(4700);
  const letters = [..."abcxyz0189"];
  return Array.from(
    { length: count },
    () => `a${Array.from({ length: random(12) }, () => letters[random(10)]).join("")}`,
  );
}

async function failure(promise: Promise<unknown>): Promise<DevflowError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof DevflowError) return error;
  throw new Error(`Nothing was refused: ${String(error)}`);
}

function io(env: NodeJS.ProcessEnv = {}): Io {
  return {
    ...{ out: () => {}, err: () => {}, json: true, color: false, terminal: false, columns: 100, interactive: false },
    ...{ env: { ...env, DEVFLOW_HOME: folder, DEVFLOW_CACHE: folder }, cwd: folder },
    signal: new AbortController().signal,
  };
}
