import { setTimeout as wait } from "node:timers/promises";
import type { StackPaths } from "../../../components/provider/paths.ts";
import type { ProcessState, ProcessStatus } from "../../../components/provider/process.ts";
import { connect } from "../../supervisor/client.ts";
import { quotableLines } from "../../supervisor/log-reading.ts";
import { count } from "../../terminal/human.ts";
import { type Cause, causeOf } from "../causes.ts";
import type { Diagnosis, Rule, Severity } from "../diagnosis.ts";

interface Trouble {
  words: string;
  severity: Severity;
}

const troubled: Partial<Record<ProcessState, Trouble>> = {
  crashloop: { words: "ends again and again", severity: "error" },
  backoff: { words: "ended and will be started again", severity: "error" },
  unready: { words: "runs but does not answer as it should", severity: "error" },
  stopped: { words: "was stopped", severity: "info" },
};

/**
 * Processes that do not serve, with the reason where their log tells one. Those that only suffer from another are named
 * after it in a line.
 */
export const processes: Rule = {
  id: "process",
  async run({ processes: all = [], records, paths }) {
    const again = (name: string) => startAgain(paths, name);
    const suffering = all.filter((status) => troubleOf(status) && status.state !== "stopped");
    const names = new Set(suffering.map(({ name }) => name));
    const after = new Map(records.map(({ spec }) => [spec.name, spec.after]));
    return all.flatMap((status) => {
      const trouble = troubleOf(status);
      if (!trouble) return [];
      if (status.state === "stopped") return [stopped(status)];
      const culprit = after.get(status.name)?.find((name) => names.has(name));
      return [culprit ? follower(status, culprit) : explain(status, trouble, again)];
    });
  },
};

/** Between two failures a process is starting for a moment; the lines of its last one stay until it is ready. */
function troubleOf({ state, lastLines }: ProcessStatus): Trouble | undefined {
  return troubled[state === "starting" && lastLines.length > 0 ? "backoff" : state];
}

function stopped({ name, component }: ProcessStatus): Diagnosis {
  const fix = { command: `./devflow restart ${component}`, safe: false };
  return { id: "process-stopped", severity: "info", title: `${name} was stopped`, detail: "", evidence: [], fix };
}

function follower({ name, reason }: ProcessStatus, culprit: string): Diagnosis {
  return {
    id: "process-follows",
    severity: "warning",
    title: `${name} does not serve because ${culprit} does not`,
    detail: reason ? `Reason: ${reason}.` : "",
    evidence: [],
  };
}

function explain(
  status: ProcessStatus,
  { words, severity }: Trouble,
  again: (name: string) => Promise<string>,
): Diagnosis {
  const { name, state, restarts, log, lastExit } = status;
  const evidence = status.lastLines.length > 0 ? status.lastLines : quotableLines(log, 20);
  const cause = causeOf(evidence) ?? (lastExit?.signal === "SIGKILL" ? killed : undefined);
  const reason = [
    status.reason && `Reason: ${status.reason}.`,
    restarts > 0 && `Started again ${count(restarts, "time")}.`,
    `Log: ${log}`,
  ];
  return {
    id: `process-${cause?.id ?? state}`,
    severity,
    title: cause ? `${name} ${words}: ${cause.cause}` : `${name} ${words}`,
    detail: reason.filter(Boolean).join(" "),
    evidence,
    fix: {
      command: cause?.fix ?? `./devflow logs ${name} -f`,
      // The rule on permissions, which comes first, takes this cause away; the process would wait for up to a minute.
      ...(cause?.id === "data-permissions" ? { safe: true, run: () => again(name) } : { safe: false }),
    },
  };
}

async function startAgain(paths: StackPaths, name: string): Promise<string> {
  const client = await connect(paths);
  if (!client) throw new Error("the supervisor does not answer");
  await client.restart(name);
  const { outcome, reason } = await client.wait(name, 20_000);
  if (outcome === "failed") throw new Error(`${name} ${reason}`);
  // What suffered from it needs a moment to notice that it is back.
  for (let waited = 0; waited < 10_000; waited += 250) {
    if (!(await client.list()).some(({ state }) => state === "unready")) break;
    await wait(250);
  }
  return outcome === "ready" ? `started ${name} again; it serves` : `started ${name} again; it is not ready yet`;
}

/** The kernel gives no reason in the program's own log. */
const killed: Cause = {
  id: "killed",
  cause: "somebody or the system killed it, as a rule for want of memory",
  fix: "sudo dmesg | grep -i 'out of memory'   (then `./devflow up --set profile=minimal`, or more memory)",
};
