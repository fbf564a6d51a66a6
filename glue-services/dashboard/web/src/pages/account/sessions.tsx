import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type Session, sessionsQuery } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

/** Where somebody is signed in, and a way to end it. */
export function Sessions() {
  const query = useQuery(sessionsQuery);
  const client = useQueryClient();
  const [asked, ask] = useState<Session[]>();
  const columns: Column<Session>[] = [
    {
      id: "browser",
      title: "Browser",
      value: ({ browser }) => browserOf(browser),
      cell: ({ browser, current }) => (
        <>
          {browserOf(browser)} {current && <StateMark state="active" label="this one" />}
        </>
      ),
    },
    { id: "address", title: "From", optional: true, value: ({ address }) => address || null },
    {
      id: "created",
      title: "Signed in",
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <Ago at={createdAt} />,
    },
    {
      id: "expires",
      title: "Ends",
      optional: true,
      value: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) => <Ago at={expiresAt} />,
    },
    actionsColumn(
      (session) =>
        !session.current && (
          <RowButton about={`the session in ${browserOf(session.browser)}`} onClick={() => ask([session])}>
            End
          </RowButton>
        ),
    ),
  ];
  return (
    <Page title="Sessions" lead="Where you are signed in.">
      <Answer query={query}>
        {(sessions) => {
          const others = sessions.filter(({ current }) => !current);
          return (
            <>
              <DataTable
                name="sessions"
                columns={columns}
                rows={sessions}
                id={({ id }) => id}
                plain={sessions.length < 8}
              />
              {others.length > 0 && (
                <div className="row">
                  <Button size="xs" variant="default" onClick={() => ask(others)}>
                    End all others
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Answer>
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={asked.length === 1 ? "End this session?" : `End ${asked.length} sessions?`}
          action="End"
          run={async () => {
            await Promise.all(asked.map(({ id }) => call(`/api/identity/me/sessions/${id}`, { method: "DELETE" })));
            await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
          }}
        >
          Whoever uses {asked.length === 1 ? "it" : "them"} has to sign in again, in Git hosting too.
        </Confirm>
      )}
    </Page>
  );
}

/** "Firefox on Linux", from what the browser calls itself. */
export function browserOf(agent: string | null): string {
  if (!agent) return "unknown";
  const browser =
    [
      ["Edg/", "Edge"],
      ["OPR/", "Opera"],
      ["Firefox/", "Firefox"],
      ["Chrome/", "Chrome"],
      ["Safari/", "Safari"],
    ].find(([mark]) => agent.includes(mark ?? ""))?.[1] ?? agent.split(/[ /]/)[0];
  const system = [
    ["Android", "Android"],
    ["iPhone", "iPhone"],
    ["iPad", "iPad"],
    ["Windows", "Windows"],
    ["Mac OS", "macOS"],
    ["Linux", "Linux"],
  ].find(([mark]) => agent.includes(mark ?? ""))?.[1];
  return system ? `${browser} on ${system}` : String(browser);
}
