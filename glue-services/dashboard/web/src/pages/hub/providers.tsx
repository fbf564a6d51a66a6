import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/call.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty, Failure } from "../../parts/answers.tsx";
import { Section } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { kindTitles } from "./provider-dialog.tsx";
import { type Checked, type Provider, providersQuery, stateWords } from "./queries.ts";

export interface ProvidersProps {
  /** Opens the form, of one or for a new one; undefined for those who may not. */
  onOpen: ((provider?: Provider) => void) | undefined;
  onRemove: ((name: string) => void) | undefined;
}

/** Where models come from, and whether each answers. */
export function Providers({ onOpen, onRemove }: ProvidersProps) {
  const query = useQuery(providersQuery);
  const client = useQueryClient();
  const testing = useMutation({
    mutationFn: (name: string) => call<Checked>(`/api/ai/providers/${name}/check`, { method: "POST" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["ai"] }),
  });
  const busy = testing.isPending ? testing.variables : undefined;
  return (
    <Section title="Providers">
      {testing.isError && <Failure error={testing.error} />}
      <Answer query={query}>
        {(providers) =>
          providers.length === 0 ? (
            <Empty
              title="No provider yet; local embeddings work without one"
              action={
                onOpen ? (
                  <Button size="xs" onClick={() => onOpen()}>
                    Add the first provider
                  </Button>
                ) : (
                  <span className="quiet">Adding one needs the permission ai:manage; ask an administrator.</span>
                )
              }
            >
              Search and everything else that needs embeddings uses the model on this machine. For chats, paste the API
              key of OpenAI, Anthropic, Google or Bedrock, or give the address of a server that speaks OpenAI’s API:
              Ollama, vLLM, llama.cpp.
            </Empty>
          ) : (
            <DataTable
              name="providers"
              columns={columnsOf({ onOpen, onRemove, busy, test: onOpen && ((name) => testing.mutate(name)) })}
              rows={providers}
              id={({ name }) => name}
              plain
            />
          )
        }
      </Answer>
    </Section>
  );
}

interface Actions extends ProvidersProps {
  busy: string | undefined;
  test: ((name: string) => void) | undefined;
}

function columnsOf({ onOpen, onRemove, busy, test }: Actions): Column<Provider>[] {
  return [
    { id: "provider", title: "Provider", value: ({ name }) => name },
    {
      id: "kind",
      title: "Kind",
      optional: true,
      value: ({ kind }) => kindTitles[kind as keyof typeof kindTitles]?.split(":", 1)[0] ?? kind,
    },
    {
      id: "state",
      title: "State",
      value: ({ state }) => stateWords[state],
      cell: ({ state, said, checkedAt }) => (
        <span title={said ?? undefined} className="provider-state">
          <StateMark state={state} label={stateWords[state]} />
          {said && <span className="quiet provider-reason">{said}</span>}
          {!said && checkedAt && (
            <span className="quiet">
              <Ago at={checkedAt} />
            </span>
          )}
        </span>
      ),
    },
    {
      id: "address",
      title: "Address",
      optional: true,
      value: ({ baseUrl }) => baseUrl,
      cell: ({ baseUrl }) => <code className="clip">{baseUrl}</code>,
    },
    {
      id: "from",
      title: "Managed in",
      optional: true,
      value: ({ from }) => (from === "platform" ? "devflow.yaml" : "this organisation"),
    },
    actionsColumn((provider) => (
      <>
        {test && (
          <RowButton about={provider.name} loading={busy === provider.name} onClick={() => test(provider.name)}>
            Test
          </RowButton>
        )}
        {onOpen && provider.from === "organisation" && (
          <RowButton about={provider.name} onClick={() => onOpen(provider)}>
            {provider.state === "missing" ? "Set key" : "Edit"}
          </RowButton>
        )}
        {onRemove && provider.from === "organisation" && (
          <RowButton about={provider.name} onClick={() => onRemove(provider.name)}>
            Remove
          </RowButton>
        )}
      </>
    )),
  ];
}
