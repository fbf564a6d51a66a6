import { type QueryKey, type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { call } from "../api/call.ts";
import { useNewDialog } from "./address.ts";
import { Ago } from "./ago.tsx";
import { Confirm } from "./confirm.tsx";
import { ListPage } from "./list-page.tsx";
import { StateMark } from "./state-mark.tsx";
import { actionsColumn, RowButton } from "./table/actions.tsx";
import type { Column } from "./table/column.ts";
import { DataTable } from "./table/data-table.tsx";

/** A key of whatever kind, as it is listed: its secret part is known to nobody any more. */
export interface ListedKey {
  id: string;
  name: string;
  /** The first characters of it. */
  start: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

export interface KeyPageProps<Key extends ListedKey> {
  title: string;
  /** What they are called in a sentence. */
  name: string;
  lead: string;
  query: UseQueryResult<Key[]>;
  queryKey: QueryKey;
  /** Whether this person may make and revoke keys. */
  manage: boolean;
  /** Why somebody who may not make one finds no button, in a sentence. */
  why?: string | undefined;
  /** Whether this person may revoke it. @default as `manage` */
  mayRevoke?: (key: Key) => boolean;
  /** What a key may do. */
  may: Column<Key>;
  /** Path of the API that lists them. */
  path: string;
  /** What stands where no key is yet. */
  empty: { title: string; text: ReactNode };
  /** What follows when one is revoked, and the same on the command line. */
  revoked: { text: string; command?: (key: Key) => string };
  /** The form that makes one. */
  form: (onClose: () => void) => ReactNode;
}

/** Keys, each with what it may do, until when, and when it was last used. */
export function KeyPage<Key extends ListedKey>(props: KeyPageProps<Key>) {
  const { title, name, lead, query, queryKey, manage, why, path, empty, revoked, form } = props;
  const client = useQueryClient();
  const [making, make] = useNewDialog();
  const [asked, ask] = useState<Key>();
  const command = asked && revoked.command?.(asked);
  return (
    <ListPage
      title={title}
      lead={lead}
      query={query}
      create={manage ? { label: "New key", first: "Create the first key", run: () => make(true) } : undefined}
      above={why && <p className="quiet">{why}</p>}
      empty={empty}
      table={(keys) => <DataTable name={name} columns={columnsOf(props, ask)} rows={keys} id={({ id }: Key) => id} />}
    >
      {making && form(() => make(false))}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Revoke ${asked.name}?`}
          action="Revoke"
          {...(command && { command })}
          danger
          run={async () => {
            await call(`${path}/${asked.id}`, { method: "DELETE" });
            await client.invalidateQueries({ queryKey });
          }}
        >
          {revoked.text}
        </Confirm>
      )}
    </ListPage>
  );
}

function columnsOf<Key extends ListedKey>(
  { manage, may, mayRevoke = () => manage }: KeyPageProps<Key>,
  revoke: (key: Key) => void,
): Column<Key>[] {
  return [
    { id: "name", title: "Name", value: ({ name }) => name, cell: ({ name }) => <span className="clip">{name}</span> },
    {
      id: "start",
      title: "Begins with",
      optional: true,
      value: ({ start }) => start,
      cell: ({ start }) => <code>{start}…</code>,
    },
    may,
    { id: "state", title: "State", choice: true, value: stateOf, cell: (key) => <StateMark state={stateOf(key)} /> },
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
    actionsColumn(
      (key) =>
        mayRevoke(key) &&
        stateOf(key) === "active" && (
          <RowButton about={key.name} onClick={() => revoke(key)}>
            Revoke
          </RowButton>
        ),
    ),
  ];
}

export function stateOf({ revokedAt, expiresAt }: Pick<ListedKey, "revokedAt" | "expiresAt">): string {
  if (revokedAt) return "revoked";
  return expiresAt && Date.parse(expiresAt) < Date.now() ? "expired" : "active";
}
