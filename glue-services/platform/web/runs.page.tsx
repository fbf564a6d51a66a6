import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type RunSummary, runsQuery } from "../../dashboard/web/src/api/queries.ts";
import { changed } from "../../dashboard/web/src/pages/overview/changes.tsx";
import { Ago } from "../../dashboard/web/src/parts/ago.tsx";
import { Answer, Empty } from "../../dashboard/web/src/parts/answers.tsx";
import { Command } from "../../dashboard/web/src/parts/command.tsx";
import { Page as Frame } from "../../dashboard/web/src/parts/page.tsx";
import { pageAt } from "../../dashboard/web/src/parts/page-at.ts";
import { StateMark } from "../../dashboard/web/src/parts/state-mark.tsx";
import type { Column } from "../../dashboard/web/src/parts/table/column.ts";
import { DataTable } from "../../dashboard/web/src/parts/table/data-table.tsx";
import { duration } from "../pages/units.ts";

const columns: Column<RunSummary>[] = [
  {
    id: "started",
    title: "Started",
    value: ({ startedAt, id }) => startedAt ?? id,
    cell: ({ id, startedAt }) => (
      <Link to={pageAt("/runs", id)}>
        <Ago at={startedAt} empty={id} />
      </Link>
    ),
  },
  { id: "command", title: "Command", value: ({ command }) => command, cell: ({ command }) => <code>{command}</code> },
  {
    id: "state",
    title: "Outcome",
    choice: true,
    value: ({ state }) => state,
    cell: ({ state }) => <StateMark state={state} />,
  },
  {
    id: "what",
    title: "What it did",
    optional: true,
    value: (run) => run.error?.message ?? changed(run).slice(2),
    cell: (run) => (run.error ? <span className="reason">{run.error.message}</span> : changed(run).slice(2)),
  },
  {
    id: "took",
    title: "Took",
    align: "right",
    optional: true,
    value: (run) => seconds(run),
    cell: (run) => took(run),
  },
  { id: "version", title: "DevFlow", optional: true, value: ({ version }) => version },
];

export function Page() {
  const query = useQuery({ ...runsQuery, refetchInterval: 5000 });
  return (
    <Frame title="Runs" lead="What the installer planned and did on this platform.">
      <Answer query={query}>
        {(runs) =>
          runs.length === 0 ? (
            <Empty title="No run yet" action={<Command>./devflow up</Command>}>
              Each <code>up</code>, <code>down</code> and <code>destroy</code> is kept here with its plan, its progress
              and its errors.
            </Empty>
          ) : (
            <DataTable name="runs" columns={columns} rows={runs} id={({ id }) => id} sort="-started" />
          )
        }
      </Answer>
    </Frame>
  );
}

export function seconds({ startedAt, endedAt }: { startedAt: string | null; endedAt: string | null }): number | null {
  return startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : null;
}

export function took(run: { startedAt: string | null; endedAt: string | null }): string {
  const known = seconds(run);
  if (known === null) return "–";
  return known < 10 ? `${known.toFixed(1)} s` : duration(known);
}
