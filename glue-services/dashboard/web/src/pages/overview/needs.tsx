import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Need as Waiting } from "../../../../../kit/feed/feed.ts";
import type { RunSummary, Status } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Command } from "../../parts/command.tsx";
import { pageAt } from "../../parts/page-at.ts";
import { StateMark } from "../../parts/state-mark.tsx";
import { areaOf } from "../audit/words.ts";

interface Need {
  key: string;
  state: string;
  what: ReactNode;
  next: ReactNode;
}

/** What a person should do something about, worst first; one calm line when there is nothing. */
export function Needs({
  status,
  run,
  letters,
  told,
  silent,
}: {
  status: Status;
  run: RunSummary | undefined;
  letters: number;
  told: readonly Waiting[];
  silent: readonly string[];
}) {
  const needs = [...needsOf(status, run, letters), ...told.map(ofService)];
  if (needs.length === 0 && silent.length > 0)
    return <p className="quiet">Not everything is known: {silent.map(areaOf).join(", ")} did not answer.</p>;
  if (needs.length === 0) return <p className="quiet">Nothing waits for you.</p>;
  return (
    <ul className="needs">
      {needs.map(({ key, state, what, next }) => (
        <li key={key}>
          <StateMark state={state} quiet />
          <div>
            <p>{what}</p>
            <div className="row quiet">{next}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** What happened, without the engine's types of resources; the page of the run has the whole message. */
function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/ \((?:devflow|pulumi):[\w:$]+\)/, "");
}

function ofService({ id, state, what, why, since, path, action }: Waiting): Need {
  return {
    key: id,
    state,
    what: (
      <>
        {what}
        {why && `: ${why}`}
      </>
    ),
    next: (
      <>
        <Link to={path}>{action}</Link>
        {since && <Ago at={since} />}
      </>
    ),
  };
}

function* needsOf(status: Status, run: RunSummary | undefined, letters: number): Generator<Need> {
  if (!status.supervisor.reachable) {
    yield {
      key: "supervisor",
      state: "failed",
      what: status.supervisor.reason ?? "The supervisor does not answer.",
      next: <Command label="Start it again:">./devflow up</Command>,
    };
  }
  for (const { name, state, reason, processes } of status.components) {
    if (state !== "failed" && state !== "degraded") continue;
    yield {
      key: name,
      state,
      what: (
        <>
          <Link to="/components/$name" params={{ name }} className="strong">
            {name}
          </Link>{" "}
          {state === "failed" ? "does not run" : "does not answer as it should"}
          {reason && `: ${reason}`}
        </>
      ),
      next: (
        <>
          <Link to="/components/$name" params={{ name }} search={{ tab: "logs" }}>
            Read its log
          </Link>
          <Command>{processes.length > 0 ? `./devflow restart ${name}` : "./devflow up"}</Command>
        </>
      ),
    };
  }
  if (run && (run.state === "failed" || run.state === "interrupted")) {
    yield {
      key: "run",
      state: run.state,
      what: (
        <>
          The last <code>{run.command}</code> {run.state === "failed" ? "failed" : "was interrupted"}
          {run.error?.component && ` at ${run.error.component}`}
          {run.error && `: ${firstLine(run.error.message)}`}
        </>
      ),
      next: (
        <>
          <Link to={pageAt("/runs", run.id)}>See what happened</Link>
          <Command>{`./devflow ${run.command}`}</Command>
        </>
      ),
    };
  }
  if (run?.state === "running") {
    yield {
      key: "running",
      state: "running",
      what: (
        <>
          <code>{run.command}</code> is running: {run.steps.done} of {run.steps.total} steps done
        </>
      ),
      next: <Link to={pageAt("/runs", run.id)}>Watch it</Link>,
    };
  }
  if (letters > 0) {
    yield {
      key: "letters",
      state: "degraded",
      what: `${letters === 1 ? "One event" : `${letters} events`} failed too often and wait${letters === 1 ? "s" : ""} for you`,
      next: <Link to={pageAt("/events")}>Look, then try again or discard</Link>,
    };
  }
}
