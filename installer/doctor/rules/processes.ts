import type { ProcessState, ProcessStatus } from "../../../components/provider/process.ts";
import { quotableLines } from "../../supervisor/log-reading.ts";
import { type Cause, causeOf } from "../causes.ts";
import type { Diagnosis, Rule, Severity } from "../diagnosis.ts";

const troubled: Partial<Record<ProcessState, { words: string; severity: Severity }>> = {
  crashloop: { words: "ends again and again", severity: "error" },
  backoff: { words: "ended and will be started again", severity: "error" },
  unready: { words: "runs but does not answer as it should", severity: "error" },
  stopped: { words: "was stopped", severity: "info" },
};

/** Processes that do not serve, with the reason where their log tells one. Those that only wait for them are not named. */
export const processes: Rule = {
  id: "process",
  async run({ processes: all = [] }) {
    return all.flatMap((status) => {
      const trouble = troubled[status.state];
      return trouble ? [explain(status, trouble)] : [];
    });
  },
};

function explain(status: ProcessStatus, { words, severity }: { words: string; severity: Severity }): Diagnosis {
  const { name, state, restarts, log, lastExit } = status;
  if (state === "stopped") {
    const fix = { command: `./devflow up   (or ./devflow restart ${status.component})`, safe: false };
    return { id: `process-${state}`, severity, title: `${name} ${words}`, detail: "", evidence: [], fix };
  }
  const evidence = status.lastLines.length > 0 ? status.lastLines : quotableLines(log, 20);
  const cause = causeOf(evidence) ?? (lastExit?.signal === "SIGKILL" ? killed : undefined);
  const reason = [
    status.reason && `Reason: ${status.reason}.`,
    restarts > 0 && `Started again ${restarts} times.`,
    cause && "line" in cause && `Its log says: ${cause.line}`,
    `Log: ${log}`,
  ];
  return {
    id: `process-${cause?.id ?? state}`,
    severity,
    title: cause ? `${name} ${words}: ${cause.cause}` : `${name} ${words}`,
    detail: reason.filter(Boolean).join(" "),
    evidence,
    fix: { command: cause?.fix ?? `./devflow logs ${name} -f`, safe: false },
  };
}

/** The kernel gives no reason in the program's own log. */
const killed: Cause = {
  id: "killed",
  cause: "somebody or the system killed it, as a rule for want of memory",
  fix: "sudo dmesg | grep -i 'out of memory'   (then ./devflow up --set profile=minimal, or more memory)",
};
