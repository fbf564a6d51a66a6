import { Button } from "@mantine/core";
import { type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type Invitation, invitationsQuery } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

/** Links that were sent and not used yet. */
export function Invitations({ query, onInvite }: { query: UseQueryResult<Invitation[]>; onInvite: () => void }) {
  const client = useQueryClient();
  const [asked, ask] = useState<Invitation>();
  const columns: Column<Invitation>[] = [
    { id: "email", title: "E-mail", value: ({ email }) => email },
    { id: "roles", title: "Roles", value: ({ roles }) => roles.join(", ") },
    {
      id: "expires",
      title: "Valid until",
      value: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) => <Ago at={expiresAt} />,
    },
    actionsColumn((invitation) => (
      <RowButton about={`the invitation of ${invitation.email}`} onClick={() => ask(invitation)}>
        Withdraw
      </RowButton>
    )),
  ];
  return (
    <Answer query={query}>
      {(invitations) =>
        invitations.length === 0 ? (
          <Empty
            title="Nobody is invited at the moment"
            action={
              <Button size="xs" onClick={onInvite}>
                Invite somebody
              </Button>
            }
          >
            An invitation is a link that works once and for seven days. It is mailed where the platform can send mail,
            and shown to you in any case.
          </Empty>
        ) : (
          <>
            <DataTable name="invitations" columns={columns} rows={invitations} id={({ id }) => id} plain />
            {asked && (
              <Confirm
                opened
                onClose={() => ask(undefined)}
                title="Withdraw this invitation?"
                action="Withdraw"
                run={async () => {
                  await call(`/api/identity/invitations/${asked.id}`, { method: "DELETE" });
                  await client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
                }}
              >
                The link that {asked.email} has will no longer work.
              </Confirm>
            )}
          </>
        )
      }
    </Answer>
  );
}
