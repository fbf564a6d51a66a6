import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stackPaths } from "../../components/provider/paths.ts";
import { findAnswers, keepSettings } from "../../installer/answers.ts";
import { keepOwnAnswers, type StackName } from "../../installer/own-answers.ts";

test("a stack is brought up again from another folder with the answers it was made with", async () => {
  const { root, cwd, env, paths, elsewhere } = await machine();
  const file = join(cwd, "devflow.yaml");
  await writeFile(file, "version: 1\n");
  await keepOwnAnswers(paths("local"), file);
  const find = (of?: { stack?: string; set?: string[] }) =>
    findAnswers({ env, cwd: elsewhere, root, ...(of && { of }) });

  expect(await find({})).toEqual({ file, exists: true, from: "stack" });
  expect(await find({ set: ["stack.name=local"] })).toMatchObject({ file, from: "stack" });
  // Another stack, and whoever writes a new file, begin anew.
  const anew = { file: join(elsewhere, "devflow.yaml"), exists: false, from: "current folder" };
  expect(await find({ stack: "demo" })).toEqual(anew);
  expect(await find({ stack: "../x" })).toEqual(anew);
  expect(await find()).toEqual(anew);
  await writeFile(join(elsewhere, "devflow.yaml"), "version: 1\n");
  expect(await find({})).toMatchObject({ file: join(elsewhere, "devflow.yaml"), from: "current folder" });
  await rm(join(elsewhere, "devflow.yaml"));
  await rm(file);
  expect(await find({})).toEqual({ file, exists: false, from: "stack" });
});

test("what a second stack settles for itself is kept for it, and the first one's answers stay as they are", async () => {
  const { root, cwd, env, paths } = await machine();
  const file = join(cwd, "devflow.yaml");
  const text = "version: 1 # mine\nnetwork:\n  domain: localhost\n";
  await writeFile(file, text);
  const found = await findAnswers({ env, cwd, root, of: { stack: "demo" } });
  const kept = await keepSettings({ name: "demo", paths: paths("demo"), found }, { "network.port": 4420 });
  await keepOwnAnswers(paths("demo"), kept);

  expect(await readFile(file, "utf8")).toBe(text);
  expect(await readFile(kept, "utf8")).toContain("port: 4420");
  expect(await findAnswers({ env, cwd, root, of: { stack: "demo" } })).toEqual({
    file: kept,
    exists: true,
    from: "stack",
  });
  // However the stack is named.
  const ways: [StackName, NodeJS.ProcessEnv][] = [
    [{ set: ["stack.name=demo"] }, {}],
    [{}, { DEVFLOW_STACK_NAME: "demo" }],
  ];
  for (const [of, more] of ways) {
    const again = await findAnswers({ env: { ...env, ...more }, cwd, root, of });
    expect(again).toEqual({ file: kept, exists: true, from: "stack" });
  }
  expect(await findAnswers({ env, cwd, root, of: {} })).toMatchObject({ file, from: "current folder" });
  // Once a file at hand speaks of that very stack, it is the one.
  await writeFile(file, `${text}stack:\n  name: demo\n`);
  const own = await findAnswers({ env, cwd, root, of: { stack: "demo" } });
  expect(own).toMatchObject({ file, from: "current folder" });
  expect(await keepSettings({ name: "demo", paths: paths("demo"), found: own }, { "network.port": 4440 })).toBe(file);
  expect(await readFile(file, "utf8")).toContain("port: 4440");
});

test("a file at hand that names no stack is of the stack local", async () => {
  const { root, cwd, env, paths, elsewhere } = await machine();
  const [file, other] = [join(cwd, "devflow.yaml"), join(elsewhere, "devflow.yaml")];
  await writeFile(file, "version: 1\n");
  await writeFile(other, "version: 1\n");
  await keepOwnAnswers(paths("local"), other);
  expect(await findAnswers({ env, cwd, root, of: { stack: "local" } })).toMatchObject({ file, from: "current folder" });
});

async function machine() {
  const folder = await mkdtemp(join(tmpdir(), "devflow-own-answers-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [root, cwd, elsewhere, home] = ["checkout", "here", "elsewhere", "home"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  await Promise.all([root, cwd, elsewhere].map((one) => mkdir(one)));
  return { root, cwd, elsewhere, env: { DEVFLOW_HOME: home }, paths: (name: string) => stackPaths(home, name) };
}
