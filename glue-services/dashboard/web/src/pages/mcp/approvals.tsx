import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty, Failure } from "../../parts/answers.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { approvalsQuery, type Waiting } from "./queries.ts";

/** Calls of agents that wait for a person's word. */
export function McpApprovals() {
  const query = useQuery(approvalsQuery);
  const client = useQueryClient();
  const manage = useMay("mcp:manage");
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState<string>();

  async function decide(id: string, approve: boolean, always = false): Promise<void> {
    setBusy(id);
    setFailure(undefined);
    try {
      await call(`/api/mcp/approvals/${id}`, { method: "POST", body: { approve, ...(always && { always }) } });
    } catch (error) {
      setFailure(error as Error);
    } finally {
      await client.invalidateQueries({ queryKey: approvalsQuery.queryKey });
      setBusy(undefined);
    }
  }

  const columns: Column<Waiting>[] = [
    {
      id: "tool",
      title: "Call",
      value: (row) => `${row.server} ${row.tool} ${JSON.stringify(row.arguments ?? {})}`,
      // What is decided about stands first, so that it is seen on a narrow screen too.
      cell: (row) => (
        <>
          <div>
            <span className="quiet">{row.server}</span> <strong>{row.tool}</strong>
          </div>
          {row.arguments ? <code className="clip">{JSON.stringify(row.arguments)}</code> : "arguments forgotten"}
          <div className="quiet">
            Asked by {askedBy(row)}. {row.rule && heldBy(row.rule)}
          </div>
        </>
      ),
    },
    {
      id: "asked",
      title: "Asked",
      optional: true,
      value: ({ askedAt }) => askedAt,
      cell: ({ askedAt }) => <Ago at={askedAt} />,
    },
    {
      id: "state",
      title: "State",
      choice: true,
      value: ({ state }) => state,
      cell: ({ state }) => <StateMark state={state} />,
    },
    actionsColumn(
      ({ id, tool, state }) =>
        state === "pending" && (
          <>
            <RowButton about={tool} variant="filled" loading={busy === id} onClick={() => void decide(id, true)}>
              Approve
            </RowButton>
            {manage && (
              <RowButton about={tool} disabled={busy === id} onClick={() => void decide(id, true, true)}>
                Always for this agent
              </RowButton>
            )}
            <RowButton about={tool} disabled={busy === id} onClick={() => void decide(id, false)}>
              Deny
            </RowButton>
          </>
        ),
    ),
  ];
  return (
    <Page
      title="Approvals"
      lead="Calls of agents that a rule holds until a person decides. An approval is for one call, once, and expires after a day."
    >
      {failure && <Failure error={failure} />}
      <Answer query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nothing waits">
              A rule with the effect <code>approve</code> makes calls of a tool wait here.
            </Empty>
          ) : (
            <DataTable name="approvals" columns={columns} rows={rows} id={({ id }) => id} />
          )
        }
      </Answer>
    </Page>
  );
}

function askedBy({ asker, client, askedBy }: Waiting): string {
  const who = asker ?? (askedBy.includes(" key ") ? "a key" : "a person");
  return client ? `${client} for ${who}` : who;
}

function heldBy({ server, tool, role }: NonNullable<Waiting["rule"]>): string {
  return `Held by the rule ${tool} of ${server ?? "every server"}${role ? ` for the role ${role}` : ""}.`;
}
