import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stackPaths } from "../../../components/provider/paths.ts";
import { logs } from "../../../installer/commands/logs.ts";
import { restart } from "../../../installer/commands/restart.ts";
import { createRun } from "../../../installer/run/run.ts";
import { capture } from "../terminal/capture.ts";

async function home() {
  const folder = await mkdtemp(join(tmpdir(), "devflow-logs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const paths = stackPaths(folder, "local");
  await mkdir(dirname(paths.log("supervisor")), { recursive: true });
  await writeFile(paths.log("supervisor"), 'first\nsecond "quoted"\nthird\n');
  return {
    paths,
    io: (json = false) => capture({ json, cwd: folder, env: { LANG: "C.UTF-8", DEVFLOW_HOME: folder } }),
  };
}

test("logs --json is one document of the last lines, each with the process it is of", async () => {
  const { io } = await home();
  const shown = io(true);
  const data = await logs.run?.({ options: { lines: "2" }, args: ["supervisor"], io: shown });
  expect(data).toEqual({
    lines: [
      { process: "supervisor", component: "supervisor", line: 'second "quoted"' },
      { process: "supervisor", component: "supervisor", line: "third" },
    ],
  });
  expect(shown.stdout()).toBe("");
});

test("a log with nothing in it says so, and nothing on standard output", async () => {
  const { io, paths } = await home();
  await createRun(paths, { ...{ version: "0", mode: "up", options: {}, cwd: "/", steps: [] } });
  const shown = io();
  await logs.run?.({ options: {}, args: ["run"], io: shown });
  expect([shown.stdout(), shown.stderr()]).toEqual(["", "run has written nothing.\n"]);
});

test("restart says of containers and pods by which command their engine does it", async () => {
  const { io } = await home();
  const of = (kind: string) => restart.run?.({ options: { set: [`stack.kind=${kind}`] }, args: ["code"], io: io() });
  await expect(Promise.resolve().then(() => of("onprem"))).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringContaining("this one runs as containers"),
    hint: expect.stringMatching(/docker .*restart code/),
  });
  await expect(Promise.resolve().then(() => of("saas"))).rejects.toMatchObject({
    hint: expect.stringMatching(/kubectl --namespace \S+ rollout restart deployment\/code/),
  });
});
