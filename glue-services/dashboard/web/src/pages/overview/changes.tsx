import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Change as Told } from "../../../../../kit/feed/feed.ts";
import type { RunSummary, Status } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { pageAt } from "../../parts/page-at.ts";
import { StateMark } from "../../parts/state-mark.tsx";
import { sentenceOf } from "../audit/words.ts";

interface Change {
  key: string;
  at: string;
  state: string;
  what: ReactNode;
}

const most = 20;

/** What people and agents did, the latest runs, and since when components are as they are, newest first. */
export function Changes({
  status,
  runs,
  told,
}: {
  status: Status;
  runs: readonly RunSummary[];
  told: readonly Told[];
}) {
  const changes = [...told.map(ofPerson), ...runs.map(ofRun), ...status.components.map(ofComponent)]
    .filter((change): change is Change => change !== undefined)
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, most);
  return (
    <ol className="changes">
      {changes.map(({ key, at, state, what }) => (
        <li key={key}>
          <StateMark state={state} quiet />
          <span>{what}</span>
          <span className="quiet">
            <Ago at={at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function ofPerson({ id, at, who, action, target, path }: Told): Change {
  const what = `${sentenceOf(action)}${target ? ` ${target}` : ""}`;
  return {
    key: id,
    at,
    state: "done",
    what: (
      <>
        <span className="strong">{who}</span> {linked(path, what)}
      </>
    ),
  };
}

/** A page of ours, or another program's that a new tab shows. */
function linked(path: string | undefined, what: string): ReactNode {
  if (!path) return what;
  if (path.startsWith("/")) return <Link to={path}>{what}</Link>;
  return (
    <a href={path} target="_blank" rel="noreferrer">
      {what}
    </a>
  );
}

function ofRun(run: RunSummary): Change | undefined {
  const at = run.endedAt ?? run.startedAt;
  if (!at) return undefined;
  return {
    key: run.id,
    at,
    state: run.state,
    what: (
      <>
        <Link to={pageAt("/runs", run.id)}>
          <code>{run.command}</code>
        </Link>{" "}
        {run.state}
        {run.state === "succeeded" ? changed(run) : run.error?.component && ` at ${run.error.component}`}
      </>
    ),
  };
}

export function changed({ changes }: RunSummary): string {
  const parts = [
    changes.create && `${changes.create} created`,
    changes.update && `${changes.update} changed`,
    changes.replace && `${changes.replace} replaced`,
    changes.delete && `${changes.delete} removed`,
  ].filter(Boolean);
  return parts.length > 0 ? `: ${parts.join(", ")}` : ": nothing to change";
}

function ofComponent({ name, state, since, processes }: Status["components"][number]): Change | undefined {
  if (!since) return undefined;
  const restarts = processes.reduce((sum, process) => sum + process.restarts, 0);
  return {
    key: `component ${name}`,
    at: since,
    state,
    what: (
      <>
        <Link to="/components/$name" params={{ name }}>
          {name}
        </Link>{" "}
        {state}
        {restarts > 0 && `, restarted ${restarts === 1 ? "once" : `${restarts} times`}`}
      </>
    ),
  };
}
