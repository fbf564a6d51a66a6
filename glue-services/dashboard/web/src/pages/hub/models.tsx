import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Answer } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import "../../style/hub.css";
import { NewRoute } from "./new-route.tsx";
import { ProviderDialog } from "./provider-dialog.tsx";
import { Providers } from "./providers.tsx";
import { count, type Model, modelsQuery, type Provider, providersQuery, type Route, routesQuery } from "./queries.ts";
import { UsedBy } from "./used-by.tsx";

/** Where models come from, the names that lead to them, and what there is. */
export function Models() {
  const manage = useMay("ai:manage");
  const client = useQueryClient();
  const providers = useQuery(providersQuery).data;
  const [open, setOpen] = useState<{ provider?: Provider } | { route?: Route }>();
  const [asked, ask] = useState<{ kind: "provider" | "route"; name: string }>();
  const again = () => client.invalidateQueries({ queryKey: ["ai"] });
  return (
    <Page
      title="Models"
      lead="Every call of a language model goes through the gateway: one address, one key, one bill."
      actions={
        manage &&
        // Without a provider there is one thing to do, and it is offered below.
        providers !== undefined &&
        providers.length > 0 && (
          <>
            <Button size="xs" variant="default" onClick={() => setOpen({ route: undefined })}>
              New route
            </Button>
            <Button
              size="xs"
              leftSection={<Icon name="plus" size={12} />}
              onClick={() => setOpen({ provider: undefined })}
            >
              Add a provider
            </Button>
          </>
        )
      }
    >
      <Providers
        onOpen={manage ? (provider) => setOpen({ provider }) : undefined}
        onRemove={manage ? (name) => ask({ kind: "provider", name }) : undefined}
      />
      <Routes
        onChange={manage ? (route) => setOpen({ route }) : undefined}
        onRemove={manage ? (name) => ask({ kind: "route", name }) : undefined}
      />
      <ModelList />
      {open && "provider" in open && <ProviderDialog provider={open.provider} onClose={() => setOpen(undefined)} />}
      {open && "route" in open && <NewRoute route={open.route} onClose={() => setOpen(undefined)} />}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Remove the ${asked.kind} ${asked.name}?`}
          action="Remove"
          name={asked.name}
          danger
          run={async () => {
            await call(`/api/ai/${asked.kind}s/${encodeURIComponent(asked.name)}`, { method: "DELETE" });
            await again();
          }}
        >
          {asked.kind === "provider" ? (
            <>
              <p>
                Calls of its models fail from now on, or go to the next model of their route. Its key stays on the page
                Secrets.
              </p>
              <UsedBy provider={asked.name} />
            </>
          ) : (
            "Programs that ask for this name are refused, unless the platform has a route of that name."
          )}
        </Confirm>
      )}
    </Page>
  );
}

function Routes({
  onChange,
  onRemove,
}: {
  onChange: ((route: Route) => void) | undefined;
  onRemove: ((name: string) => void) | undefined;
}) {
  const query = useQuery(routesQuery);
  const columns: Column<Route>[] = [
    { id: "route", title: "Route", value: ({ name }) => name, cell: ({ name }) => <code>{name}</code> },
    {
      id: "targets",
      title: "Tried in this order",
      value: ({ targets }) => targets.map(({ model }) => model).join(" "),
      cell: ({ targets }) => <Targets targets={targets} />,
    },
    {
      id: "cut",
      title: "If a stream breaks",
      optional: true,
      value: ({ options }) => (options?.cut === "continue" ? "the next model continues" : "an error"),
    },
    { id: "own", title: "From", optional: true, value: ({ own }) => (own ? "this organisation" : "the platform") },
    actionsColumn(
      (route) =>
        onChange && (
          <>
            <RowButton about={route.name} onClick={() => onChange(route)}>
              Edit
            </RowButton>
            {route.own && (
              <RowButton about={route.name} onClick={() => onRemove?.(route.name)}>
                Remove
              </RowButton>
            )}
          </>
        ),
    ),
  ];
  return (
    <Section title="Routes">
      <Answer query={query}>
        {(routes) => <DataTable name="routes" columns={columns} rows={routes} id={({ name }) => name} plain />}
      </Answer>
    </Section>
  );
}

/** Groups one after the other; within one by weight. */
function Targets({ targets }: { targets: Route["targets"] }) {
  const groups = [...Map.groupBy(targets, ({ group = 0 }) => group)].sort(([a], [b]) => a - b);
  return (
    <ol className="targets">
      {groups.map(([group, members]) => (
        <li key={group}>
          {members.map(({ model, weight = 1 }, at) => (
            <span key={model}>
              {at > 0 && " or "}
              <code>{model}</code>
              {members.length > 1 && <span className="quiet"> ×{weight}</span>}
            </span>
          ))}
        </li>
      ))}
    </ol>
  );
}

/** A route costs what the model that answers costs. */
const noPrice = (owner: string) => <span className="quiet">{owner === "devflow" ? "–" : "unknown"}</span>;

const modelColumns: Column<Model>[] = [
  { id: "model", title: "Model", value: ({ id }) => id, cell: ({ id }) => <code>{id}</code> },
  {
    id: "owner",
    title: "From",
    choice: "provider",
    value: ({ owned_by: owner }) => (owner === "devflow" ? "route" : owner),
  },
  {
    id: "context",
    title: "Context, tokens",
    align: "right",
    optional: true,
    value: ({ context_window: size }) => size,
    cell: ({ context_window: size }) => (size === null ? "–" : count(size)),
  },
  {
    id: "input",
    title: "Input, $ per million",
    align: "right",
    value: ({ price }) => price?.input ?? null,
    cell: ({ price, owned_by: owner }) => (price ? String(price.input) : noPrice(owner)),
  },
  {
    id: "output",
    title: "Output, $ per million",
    align: "right",
    value: ({ price }) => price?.output ?? null,
    cell: ({ price, owned_by: owner }) => (price ? String(price.output) : noPrice(owner)),
  },
];

function ModelList() {
  const query = useQuery(modelsQuery);
  return (
    <Section title="Available models">
      <Answer query={query}>
        {({ data }) => <DataTable name="models" columns={modelColumns} rows={data} id={({ id }) => id} />}
      </Answer>
    </Section>
  );
}
