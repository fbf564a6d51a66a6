import { useQuery } from "@tanstack/react-query";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { callsQuery, type ToolCall } from "./queries.ts";

const columns: Column<ToolCall>[] = [
  { id: "at", title: "When", value: ({ at }) => at, cell: ({ at }) => <Ago at={at} /> },
  { id: "server", title: "Server", optional: true, value: ({ server }) => server },
  { id: "target", title: "What", value: ({ target, method }) => target ?? method },
  { id: "method", title: "Method", optional: true, value: ({ method }) => method },
  {
    id: "outcome",
    title: "Outcome",
    choice: true,
    value: ({ outcome }) => outcome,
    cell: ({ outcome }) => <StateMark state={outcome} />,
  },
  { id: "ms", title: "Took, ms", align: "right", optional: true, value: ({ ms }) => ms },
];

/** What agents did, the latest first. */
export function McpCalls() {
  const query = useQuery(callsQuery);
  return (
    <Page title="Calls" lead="What agents did through the gateway. Arguments are not kept.">
      <Answer query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No call yet">
              An agent that calls a tool, reads a resource or takes a prompt leaves a line here.
            </Empty>
          ) : (
            <DataTable
              name="calls"
              columns={columns}
              rows={rows}
              id={({ at, server, target, method }) => `${at} ${server} ${target ?? method}`}
              sort="-at"
            />
          )
        }
      </Answer>
    </Page>
  );
}
