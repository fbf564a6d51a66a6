import { setTimeout as sleep } from "node:timers/promises";
import { DevflowError } from "../../components/error.ts";
import type { Processes, Reporting } from "../../components/provider/host.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { ProcessSpec, ProcessStatus } from "../../components/provider/process.ts";
import type { WaitResult } from "./api.ts";
import { connect, type SupervisorClient } from "./connection.ts";
import { ensureRunning } from "./launch.ts";
import { readRecords } from "./records.ts";

/** Milliseconds between two reports of a process that is on its way. */
const reportEvery = 1_000;
/** How often a supervisor that goes away in the middle is replaced. */
const attempts = 3;

/** The processes of a stack, as the provider sees them: every effect may be repeated. */
export function createProcesses(paths: StackPaths): Processes {
  return {
    ensure: (spec, options) => withSupervisor(paths, options, (client) => ensure(client, spec, options)),

    async get(name) {
      const client = await connect(paths);
      return await client?.get(name).catch((error: unknown) => {
        if (error instanceof DevflowError && gone.has(error.code)) return undefined;
        throw error;
      });
    },

    async remove(name, options) {
      // Without a supervisor and a record there is nothing to remove, and no reason to start one.
      const client = await connect(paths);
      if (!client && !readRecords(paths).some(({ spec }) => spec.name === name)) return;
      options.report({ phase: "stopping" });
      await withSupervisor(paths, options, (supervisor) => supervisor.remove(name, options.signal));
    },
  };
}

const gone = new Set<string>(["NOT_FOUND", "SUPERVISOR_UNREACHABLE"]);

async function ensure(client: SupervisorClient, spec: ProcessSpec, options: Reporting): Promise<ProcessStatus> {
  options.report({ phase: "starting" });
  await client.put(spec, options.signal);
  for (;;) {
    const { outcome, reason, status } = await client.wait(spec.name, reportEvery, options.signal);
    if (outcome === "ready") return status;
    if (outcome === "failed") throw failed({ outcome, reason, status });
    options.report({ phase: "waiting for ready", ...(reason && { note: reason }) });
  }
}

async function withSupervisor<Result>(
  paths: StackPaths,
  { signal }: Reporting,
  what: (client: SupervisorClient) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const client = await ensureRunning(paths);
    try {
      return await what(client);
    } catch (error) {
      const lost = error instanceof DevflowError && error.code === "SUPERVISOR_UNREACHABLE";
      if (!lost || attempt === attempts) throw error;
      await sleep(200);
    }
  }
}

function failed({ reason = "it is not ready", status }: WaitResult): DevflowError {
  const lines = status.lastLines.map((line) => `  ${line}`).join("\n");
  const said = lines ? `\nIts log ends with:\n${lines}` : "\nIts log is empty.";
  return new DevflowError("COMPONENT_FAILED", `${status.name} does not run: ${reason}.${said}`, {
    hint: `Read more with \`./devflow logs ${status.name}\`. Once the cause is gone, \`./devflow up\` goes on from here.`,
  });
}
