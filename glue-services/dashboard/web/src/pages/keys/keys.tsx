import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type Key, keysQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { NewKey } from "./new-key.tsx";

/** Keys of programs: what each may do, until when, and when it was last used. */
export function Keys() {
  const query = useQuery(keysQuery);
  const client = useQueryClient();
  const write = useMay("keys:write");
  const [making, make] = useState(false);
  const [asked, ask] = useState<Key>();
  const columns: Column<Key>[] = [
    { id: "name", title: "Name", value: ({ name }) => name },
    {
      id: "start",
      title: "Begins with",
      optional: true,
      value: ({ start }) => start,
      cell: ({ start }) => <code>{start}…</code>,
    },
    {
      id: "scopes",
      title: "May",
      optional: true,
      value: ({ scopes }) => scopes.join(" "),
      cell: ({ scopes }) => (
        <code className="clip">{scopes.map((one) => (one === "*" ? "everything" : one)).join(" ") || "nothing"}</code>
      ),
    },
    {
      id: "state",
      title: "State",
      choice: true,
      value: stateOf,
      cell: (key) => <StateMark state={stateOf(key)} />,
    },
    {
      id: "expires",
      title: "Expires",
      optional: true,
      value: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) => <Ago at={expiresAt} empty="never" />,
    },
    {
      id: "used",
      title: "Last used",
      value: ({ lastUsedAt }) => lastUsedAt,
      cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} empty="never" />,
    },
    {
      id: "actions",
      title: "",
      align: "right",
      value: () => null,
      cell: (key) =>
        write && stateOf(key) === "active" ? (
          <Button size="compact-xs" variant="default" onClick={() => ask(key)} aria-label={`Revoke ${key.name}`}>
            Revoke
          </Button>
        ) : null,
    },
  ];
  return (
    <Page
      title="API keys"
      lead="For programs. A key belongs to the organisation and does at most what its maker may do."
      actions={
        write && (
          <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => make(true)}>
            New key
          </Button>
        )
      }
    >
      <Answer query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty
              title="No key yet"
              action={
                write && (
                  <Button size="xs" onClick={() => make(true)}>
                    Make the first key
                  </Button>
                )
              }
            >
              A program sends its key as <code>Authorization: Bearer dfk_…</code> and may then do what the key’s scopes
              say.
            </Empty>
          ) : (
            <DataTable name="keys" columns={columns} rows={keys} id={({ id }) => id} />
          )
        }
      </Answer>
      {making && <NewKey onClose={() => make(false)} />}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Revoke ${asked.name}?`}
          action="Revoke"
          name={asked.name}
          danger
          run={async () => {
            await call(`/api/identity/keys/${asked.id}`, { method: "DELETE" });
            await client.invalidateQueries({ queryKey: keysQuery.queryKey });
          }}
        >
          Programs that use it are refused within seconds. It cannot be given back.
        </Confirm>
      )}
    </Page>
  );
}

function stateOf({ revokedAt, expiresAt }: Key): string {
  if (revokedAt) return "revoked";
  return expiresAt && Date.parse(expiresAt) < Date.now() ? "expired" : "active";
}
