import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connect, ensureRunning } from "../../../installer/supervisor/client.ts";
import { hangOf, type Look } from "../../../installer/supervisor/hang.ts";
import { writeInstance } from "../../../installer/supervisor/instance.ts";
import { identify } from "../../../installer/supervisor/process-table.ts";
import { seeded } from "../../seeded.ts";
import { type TestStack, testStack } from "./test-stack.ts";

const limits = { idle: 12, busy: 10 };
const looks = (states: string, cpu: (at: number) => number = () => 1): Look[] =>
  [...states].map((state, at) => ({ state, cpu: cpu(at) }));

test("a process that was stopped, waits or computes without end hangs", () => {
  expect(hangOf(looks("T".repeat(12)), limits)).toBe("stopped");
  expect(hangOf(looks("RR".padEnd(14, "S")), limits)).toBe("waits");
  expect(
    hangOf(
      looks("R".repeat(3), (at) => at * 5),
      limits,
    ),
  ).toBe("spins");
});

test("a process that wants the processor or the disk is slow, however long it takes", () => {
  const random = seeded(20261130);
  for (let round = 0; round < 200; round++) {
    const states = Array.from({ length: 1000 }, (_, at) => (at % 11 === 0 ? (random() < 0.5 ? "R" : "D") : "S"));
    expect(hangOf(looks(states.join("")), limits)).toBe(undefined);
    // It gets a hundredth of a second now and then.
    expect(
      hangOf(
        looks("S".repeat(500), (at) => Math.floor(at / 10) / 100),
        limits,
      ),
    ).toBe(undefined);
  }
});

test("a supervisor that is slow to answer is waited for", async () => {
  const { paths } = await stackOf(
    `const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
     const end = used() + 4e6;
     while (used() < end) for (let turns = 0; turns < 1e6; turns++);`,
  );
  expect(await connect(paths)).toBeDefined();
});

test("a supervisor that computes without end does not answer, and is named with the command that ends it", async () => {
  const { paths, child } = await stackOf("for (;;);");
  await expect(ensureRunning(paths)).rejects.toMatchObject({
    code: "SUPERVISOR_UNREACHABLE",
    message: `The supervisor of this stack, process ${child.pid}, computes without end and does not answer.`,
    hint: expect.stringContaining(`\`kill -9 ${child.pid}\``),
  });
});

test("a supervisor that was stopped is named with the command that lets it go on", async () => {
  const stack = await ownStack();
  const client = await stack.client();
  const { pid } = await client.version();
  process.kill(pid, "SIGSTOP");
  expect(await connect(stack.paths)).toBe(undefined);
  await expect(ensureRunning(stack.paths)).rejects.toMatchObject({
    message: `The supervisor of this stack, process ${pid}, was stopped.`,
    hint: expect.stringContaining(`\`kill -CONT ${pid}\``),
  });
  process.kill(pid, "SIGCONT");
  expect(await connect(stack.paths)).toBeDefined();
});

async function ownStack(): Promise<TestStack> {
  const stack = await testStack();
  onTestFinished(() => stack.dispose());
  return stack;
}

/** A stack whose supervisor runs this code before each answer. */
async function stackOf(code: string): Promise<{ paths: TestStack["paths"]; child: ChildProcess }> {
  const { paths, program } = await ownStack();
  mkdirSync(paths.supervisor, { recursive: true });
  mkdirSync(dirname(paths.socket), { recursive: true, mode: 0o700 });
  const [command = "", ...rest] = await program(
    "supervisor",
    `import { createServer } from "node:http";
     createServer((_, response) => { ${code} response.setHeader("content-type", "application/json"); response.end('{"ok":true}'); })
       .listen(process.argv[2], () => console.log("listens"));`,
  );
  const child = spawn(command, [...rest, paths.socket], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const identity = await identify(child.pid ?? 0);
  if (!identity) throw new Error("the program ended");
  writeInstance(paths, { ...identity, socket: paths.socket, version: "0.0.1" });
  return { paths, child };
}
