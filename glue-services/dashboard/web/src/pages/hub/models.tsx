import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page, Section } from "../../parts/page.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import "../../style/hub.css";
import { NewProvider } from "./new-provider.tsx";
import { NewRoute } from "./new-route.tsx";
import { count, type Model, modelsQuery, type Provider, providersQuery, type Route, routesQuery } from "./queries.ts";

/** Where models come from, the names that lead to them, and what there is. */
export function Models() {
  const manage = useMay("ai:manage");
  const client = useQueryClient();
  const [open, setOpen] = useState<"provider" | Route | "route">();
  const [asked, ask] = useState<{ kind: "provider" | "route"; name: string }>();
  const again = () => client.invalidateQueries({ queryKey: ["ai"] });
  return (
    <Page
      title="Models"
      lead="Every call of a language model goes through the gateway: one address, one key, one bill."
      actions={
        manage && (
          <>
            <Button size="xs" variant="default" onClick={() => setOpen("route")}>
              New route
            </Button>
            <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => setOpen("provider")}>
              Add a provider
            </Button>
          </>
        )
      }
    >
      <Providers
        onAdd={manage ? () => setOpen("provider") : undefined}
        onRemove={manage ? (name) => ask({ kind: "provider", name }) : undefined}
      />
      <Routes
        onChange={manage ? setOpen : undefined}
        onRemove={manage ? (name) => ask({ kind: "route", name }) : undefined}
      />
      <ModelList />
      {open === "provider" && <NewProvider onClose={() => setOpen(undefined)} />}
      {open !== undefined && open !== "provider" && (
        <NewRoute route={open === "route" ? undefined : open} onClose={() => setOpen(undefined)} />
      )}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Take the ${asked.kind} ${asked.name} away?`}
          action="Take away"
          name={asked.name}
          danger
          run={async () => {
            await call(`/api/ai/${asked.kind}s/${encodeURIComponent(asked.name)}`, { method: "DELETE" });
            await again();
          }}
        >
          {asked.kind === "provider"
            ? "Calls of its models fail from now on, or go to the next model of their route. Its key stays among the secrets."
            : "Programs that ask for this name are refused, unless the platform has a route of that name."}
        </Confirm>
      )}
    </Page>
  );
}

function Providers({
  onAdd,
  onRemove,
}: {
  onAdd: (() => void) | undefined;
  onRemove: ((name: string) => void) | undefined;
}) {
  const query = useQuery(providersQuery);
  const columns: Column<Provider>[] = [
    { id: "provider", title: "Provider", value: ({ name }) => name },
    { id: "kind", title: "Kind", value: ({ kind }) => kind },
    {
      id: "address",
      title: "Address",
      optional: true,
      value: ({ baseUrl }) => baseUrl,
      cell: ({ baseUrl }) => <code className="clip">{baseUrl}</code>,
    },
    {
      id: "key",
      title: "Key",
      optional: true,
      value: ({ key }) => key ?? "none",
      cell: ({ key }) => (key ? <code>{key}</code> : "none"),
    },
    { id: "from", title: "From", value: ({ from }) => (from === "platform" ? "devflow.yaml" : "this organisation") },
    {
      id: "actions",
      title: "",
      align: "right",
      value: () => null,
      cell: ({ name, from }) =>
        onRemove && from === "organisation" ? (
          <Button size="compact-xs" variant="default" onClick={() => onRemove(name)} aria-label={`Remove ${name}`}>
            Remove
          </Button>
        ) : null,
    },
  ];
  return (
    <Section title="Providers">
      <Answer query={query}>
        {(providers) =>
          providers.length === 0 ? (
            <Empty
              title="No provider yet; local embeddings work without one"
              action={
                <>
                  {onAdd && (
                    <Button size="xs" onClick={onAdd}>
                      Add a provider
                    </Button>
                  )}
                  <Command label="or keep its key first:">
                    ./devflow secrets set OPENAI_API_KEY --tier organisation
                  </Command>
                </>
              }
            >
              Search and everything else that needs embeddings uses the model on this machine. For chats, add OpenAI,
              Anthropic, Google, Bedrock, or any server that speaks OpenAI’s API: Ollama, vLLM, llama.cpp. Providers of
              the whole platform stand in devflow.yaml under <code>models.providers</code>.
            </Empty>
          ) : (
            <DataTable name="providers" columns={columns} rows={providers} id={({ name }) => name} plain />
          )
        }
      </Answer>
    </Section>
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
      title: "After a cut",
      optional: true,
      value: ({ options }) => (options?.cut === "continue" ? "another model goes on" : "an error"),
    },
    { id: "own", title: "From", optional: true, value: ({ own }) => (own ? "this organisation" : "the platform") },
    {
      id: "actions",
      title: "",
      align: "right",
      value: () => null,
      cell: (route) =>
        onChange && (
          <span className="row end">
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => onChange(route)}
              aria-label={`Change ${route.name}`}
            >
              Change
            </Button>
            {route.own && (
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => onRemove?.(route.name)}
                aria-label={`Remove ${route.name}`}
              >
                Remove
              </Button>
            )}
          </span>
        ),
    },
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

const modelColumns: Column<Model>[] = [
  { id: "model", title: "Model", value: ({ id }) => id, cell: ({ id }) => <code>{id}</code> },
  { id: "owner", title: "From", choice: true, value: ({ owned_by: owner }) => (owner === "devflow" ? "route" : owner) },
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
    title: "In, $ a million",
    align: "right",
    value: ({ price }) => price?.input ?? null,
    cell: ({ price }) => (price ? String(price.input) : "–"),
  },
  {
    id: "output",
    title: "Out, $ a million",
    align: "right",
    value: ({ price }) => price?.output ?? null,
    cell: ({ price }) => (price ? String(price.output) : "–"),
  },
];

function ModelList() {
  const query = useQuery(modelsQuery);
  return (
    <Section title="What programs may ask for">
      <Answer query={query}>
        {({ data }) => <DataTable name="models" columns={modelColumns} rows={data} id={({ id }) => id} />}
      </Answer>
    </Section>
  );
}
