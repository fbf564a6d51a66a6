import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { NewVirtualKey } from "./new-key.tsx";
import { stateOf, type VirtualKey, virtualKeysQuery } from "./queries.ts";

/** Keys that programs call models with. */
export function HubKeys() {
  const query = useQuery(virtualKeysQuery);
  const client = useQueryClient();
  const manage = useMay("ai:manage");
  const [making, make] = useState(false);
  const [asked, ask] = useState<VirtualKey>();
  const columns: Column<VirtualKey>[] = [
    { id: "name", title: "Name", value: ({ name }) => name },
    {
      id: "start",
      title: "Begins with",
      optional: true,
      value: ({ start }) => start,
      cell: ({ start }) => <code>{start}…</code>,
    },
    {
      id: "models",
      title: "May use",
      optional: true,
      value: ({ models }) => models.join(" ") || "everything",
      cell: ({ models }) => (models.length > 0 ? <code className="clip">{models.join(" ")}</code> : "everything"),
    },
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
    {
      id: "actions",
      title: "",
      align: "right",
      value: () => null,
      cell: (key) =>
        manage && stateOf(key) === "active" ? (
          <Button size="compact-xs" variant="default" onClick={() => ask(key)} aria-label={`Revoke ${key.name}`}>
            Revoke
          </Button>
        ) : null,
    },
  ];
  return (
    <Page
      title="Model keys"
      lead="Programs call models with these. Providers’ own keys never leave the gateway."
      actions={
        manage && (
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
              title="No model key yet"
              action={
                manage && (
                  <Button size="xs" onClick={() => make(true)}>
                    Make the first key
                  </Button>
                )
              }
            >
              A program uses it in place of OpenAI’s or Anthropic’s key, with{" "}
              <code>{`${window.location.origin}/v1`}</code> as the address. Budgets and limits hold for each key.
            </Empty>
          ) : (
            <DataTable name="model keys" columns={columns} rows={keys} id={({ id }) => id} />
          )
        }
      </Answer>
      {making && <NewVirtualKey onClose={() => make(false)} />}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Revoke ${asked.name}?`}
          action="Revoke"
          name={asked.name}
          command={`./devflow hub keys revoke ${asked.start}`}
          danger
          run={async () => {
            await call(`/api/ai/keys/${asked.id}`, { method: "DELETE" });
            await client.invalidateQueries({ queryKey: virtualKeysQuery.queryKey });
          }}
        >
          Programs that use it are refused at once. Its usage stays. It cannot be given back.
        </Confirm>
      )}
    </Page>
  );
}
