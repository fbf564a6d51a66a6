import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { duration } from "../../../../../platform/pages/units.ts";
import { type RunSummary, runsQuery } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { changed } from "../overview/changes.tsx";

const columns: Column<RunSummary>[] = [
  {
    id: "started",
    title: "Started",
    value: ({ startedAt, id }) => startedAt ?? id,
    cell: ({ id, startedAt }) => (
      <Link to="/runs/$id" params={{ id }}>
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

export function Runs() {
  const query = useQuery({ ...runsQuery, refetchInterval: 5000 });
  return (
    <Page title="Runs" lead="What the installer planned and did on this platform.">
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
    </Page>
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
