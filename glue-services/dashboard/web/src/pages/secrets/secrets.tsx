import { Button, Switch } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SecretEntry } from "../../../../../secrets/schemas.ts";
import { call } from "../../api/call.ts";
import { isAdministrator, useMay, useMe } from "../../api/session.ts";
import { useSituation } from "../../api/use-situation.ts";
import { useAddress, useNewDialog } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Command } from "../../parts/command.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { ListPage } from "../../parts/list-page.tsx";
import { Facts } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { secretsQuery } from "./queries.ts";
import { SecretDialog } from "./secret-dialog.tsx";
import { useUses } from "./used-by.ts";

const places: Record<SecretEntry["backend"], string> = {
  database: "Database, encrypted",
  "env-file": ".env file of the platform",
  "1password": "1Password",
  generated: "Managed by the installer",
};
const rotations: Record<SecretEntry["rotation"]["state"], string> = {
  steady: "one value",
  overlap: "former value still valid",
  manual: "outside of this page",
};

const keyOf = ({ tier, project, name }: SecretEntry) => [tier, project, name].filter(Boolean).join(" ");

/** Names of secrets, what uses each, and how it is changed. */
export function Secrets() {
  const query = useQuery(secretsQuery);
  const manage = useMay("secrets:manage");
  const administrator = isAdministrator(useMe());
  const projects = useSituation()?.context.answers.includes("/api/knowledge/sources") === true;
  const client = useQueryClient();
  const uses = useUses();
  const [open, setOpen] = useAddress("open");
  const [all, showAll] = useAddress("all");
  const [dialog, setDialog] = useState<{ secret?: SecretEntry }>();
  const [making, make] = useNewDialog();
  const shown = dialog ?? (making ? {} : undefined);
  const [leaving, setLeaving] = useState<SecretEntry>();
  const chosen = query.data?.find((secret) => keyOf(secret) === open);
  return (
    <ListPage
      title="Secrets"
      lead="A project’s own value goes before the organisation’s, and that before the platform’s. Values are never shown here."
      query={query}
      shown={(secrets) => secrets.filter(({ backend }) => all === "1" || backend !== "generated")}
      create={manage ? { label: "New secret", first: "Create the first secret", run: () => make(true) } : undefined}
      aside={
        administrator && (
          <Switch
            size="xs"
            label="Managed by the installer"
            checked={all === "1"}
            onChange={(event) => showAll(event.currentTarget.checked ? "1" : undefined)}
          />
        )
      }
      above={
        !manage &&
        query.data && (
          <p className="quiet">
            Making and changing secrets needs the permission secrets:manage; ask an administrator.
          </p>
        )
      }
      empty={{
        title: "No secret yet",
        text: "API keys, tokens and passwords that providers, MCP servers and your programs need, kept encrypted.",
      }}
      table={(secrets) => (
        <DataTable
          name="secrets"
          columns={columnsOf(uses)}
          rows={secrets}
          id={keyOf}
          open={open}
          onOpen={(secret) => setOpen(keyOf(secret), { push: true })}
        />
      )}
    >
      <SidePanel title={chosen?.name} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
        {chosen && (
          <Details
            secret={chosen}
            uses={uses(chosen.name)}
            {...(manage && { onReplace: () => setDialog({ secret: chosen }), onDelete: () => setLeaving(chosen) })}
          />
        )}
      </SidePanel>
      {shown && (
        <SecretDialog
          secret={shown.secret}
          projects={projects}
          onClose={() => {
            setDialog(undefined);
            make(false);
          }}
        />
      )}
      {leaving && (
        <Confirm
          opened
          onClose={() => setLeaving(undefined)}
          title={`Delete ${leaving.name}?`}
          action="Delete"
          name={leaving.name}
          danger
          run={async () => {
            const where = leaving.project ? `?project=${leaving.project}` : "";
            await call(`/api/secrets/${leaving.name}${where}`, { method: "DELETE" });
            setOpen(undefined);
            await Promise.all(["secrets", "ai"].map((key) => client.invalidateQueries({ queryKey: [key] })));
          }}
        >
          {uses(leaving.name).length > 0
            ? `Its value is gone. Used by ${uses(leaving.name).join(", ")}, which then stop working.`
            : "Its value is gone. No provider and no MCP server names it; programs of yours may."}
        </Confirm>
      )}
    </ListPage>
  );
}

function columnsOf(uses: (name: string) => string[]): Column<SecretEntry>[] {
  return [
    { id: "name", title: "Name", value: ({ name }) => name, cell: ({ name }) => <code className="clip">{name}</code> },
    { id: "tier", title: "Scope", choice: true, value: ({ tier }) => tier },
    {
      id: "uses",
      title: "Used by",
      optional: true,
      value: ({ name }) => uses(name).join(", ") || null,
      cell: ({ name }) => uses(name).join(", ") || <span className="quiet">–</span>,
    },
    { id: "backend", title: "Kept in", optional: true, value: ({ backend }) => places[backend] },
    {
      id: "used",
      title: "Last used",
      optional: true,
      value: ({ lastUsedAt }) => lastUsedAt,
      cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} empty="not recorded" />,
    },
    {
      id: "changed",
      title: "Changed",
      value: ({ changedAt }) => changedAt,
      cell: ({ changedAt }) => <Ago at={changedAt} empty="not recorded" />,
    },
  ];
}

function Details({
  secret,
  uses,
  onReplace,
  onDelete,
}: {
  secret: SecretEntry;
  uses: string[];
  onReplace?: () => void;
  onDelete?: () => void;
}) {
  const { tier, project, backend, reference, version, createdAt, changedAt, lastUsedAt, rotation, writable } = secret;
  const administrator = isAdministrator(useMe());
  return (
    <div className="stack">
      <Facts
        facts={[
          ["Scope", tier],
          ...(project ? [["Project", project] as [string, string]] : []),
          ["Used by", uses.join(", ") || "no provider, no MCP server"],
          ["Kept in", places[backend]],
          ...(reference ? [["Reference", reference] as [string, string]] : []),
          ["Version", version === null ? "–" : String(version)],
          ["Created", <Ago key="made" at={createdAt} empty="not recorded" />],
          ["Changed", <Ago key="changed" at={changedAt} empty="not recorded" />],
          ["Last used", <Ago key="used" at={lastUsedAt} empty="not recorded" />],
          ["Rotation", rotations[rotation.state]],
          ...(rotation.until
            ? [["Former value until", <Ago key="until" at={rotation.until} />] as [string, React.ReactNode]]
            : []),
        ]}
      />
      {writable && (onReplace || onDelete) && (
        <div className="row">
          {onReplace && (
            <Button size="xs" variant="default" onClick={onReplace}>
              Replace
            </Button>
          )}
          {onDelete && (
            <Button size="xs" variant="default" color="red" onClick={onDelete}>
              Delete
            </Button>
          )}
        </div>
      )}
      {!writable && administrator && (
        <Command label={backend === "generated" ? "Rotate it:" : "Change it:"}>
          {backend === "generated" ? `./devflow secrets rotate ${secret.name}` : `./devflow secrets set ${secret.name}`}
        </Command>
      )}
    </div>
  );
}
