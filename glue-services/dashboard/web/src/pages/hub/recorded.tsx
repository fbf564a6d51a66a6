import { Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { call } from "../../api/call.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Empty, Failure, Lines } from "../../parts/answers.tsx";
import { Earlier } from "../../parts/earlier.tsx";
import { Page } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import "../../style/hub.css";
import { marks } from "./call-panel.tsx";
import { policyQuery, type RecordedCall } from "./queries.ts";
import { lastSaid, RecordedWhole } from "./recorded-whole.tsx";
import { type Subjects, useSubjects } from "./subjects.ts";

const pageSize = 50;

/** Questions and answers that were written down, for those who may look into them. */
export function Recorded() {
  const policy = useQuery(policyQuery);
  const subjects = useSubjects();
  const [status, setStatus] = useAddress("status");
  const [model, setModel] = useAddress("model");
  const [text, setText] = useAddress("text");
  const [open, setOpen] = useAddress("open");
  const [wanted] = useDebouncedValue({ status, model, text }, 300);
  const query = useInfiniteQuery({
    queryKey: ["ai", "recorded", wanted],
    queryFn: ({ pageParam, signal }) => {
      const asked = Object.entries({ ...wanted, before: pageParam }).filter(([, value]) => value);
      const search = new URLSearchParams([...asked, ["limit", String(pageSize)]] as [string, string][]);
      return call<RecordedCall[]>(`/api/ai/recorded?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.id),
    placeholderData: (before) => before,
  });
  const calls = useMemo(() => query.data?.pages.flat() ?? [], [query.data]);
  const columns = useMemo(() => columnsOf(subjects), [subjects]);
  const chosen = calls.find(({ id }) => id === open);
  const filtered = Boolean(status || model || text);
  const off = policy.data && !policy.data.record;
  return (
    <Page
      title="Recorded calls"
      lead="Questions and answers as they were written down: without secrets and personal data, for 30 days."
    >
      {off && calls.length > 0 && (
        <p className="quiet">
          Nothing more is written down: recording is off. <Link to="/hub/policy">Guardrails</Link>
        </p>
      )}
      <div className="row filters">
        <TextInput
          aria-label="Words in question or answer"
          placeholder="Words in question or answer"
          value={text ?? ""}
          onChange={({ currentTarget }) => setText(currentTarget.value || undefined)}
        />
        <TextInput
          aria-label="Model or route"
          placeholder="Model or route"
          value={model ?? ""}
          onChange={({ currentTarget }) => setModel(currentTarget.value || undefined)}
        />
        <Select
          aria-label="Outcome"
          placeholder="Any outcome"
          clearable
          data={Object.keys(marks)}
          value={status || null}
          onChange={(next) => setStatus(next ?? undefined)}
        />
      </div>
      {query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Lines count={10} />
      ) : calls.length === 0 ? (
        <Empty title={filtered ? "No recorded call is like this" : off ? "Recording is off" : "No call yet"}>
          {filtered ? (
            "Other words, another model, or any outcome may find some."
          ) : (
            <>
              Recording is switched on under <Link to="/hub/policy">Guardrails</Link>. From then on each question stands
              here with its answer.
            </>
          )}
        </Empty>
      ) : (
        <>
          <DataTable
            name="recorded calls"
            plain
            columns={columns}
            rows={calls}
            id={({ id }) => id}
            sort="-at"
            open={open}
            onOpen={({ id }) => setOpen(id, { push: true })}
          />
          <Earlier query={query}>Earlier calls</Earlier>
        </>
      )}
      <SidePanel title={chosen?.asked} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
        {chosen && <RecordedWhole recorded={chosen} by={by(chosen, subjects)} />}
      </SidePanel>
    </Page>
  );
}

function columnsOf(subjects: Subjects): Column<RecordedCall>[] {
  return [
    { id: "at", title: "When", value: ({ at }) => at, cell: ({ at }) => <Ago at={at} /> },
    { id: "question", title: "Question", value: ({ question }) => lastSaid(question).slice(0, 90) },
    { id: "asked", title: "Asked for", value: ({ asked }) => asked },
    {
      id: "model",
      title: "Answered by",
      optional: true,
      value: ({ provider, model }) => (provider ? `${provider}/${model}` : model),
    },
    { id: "by", title: "By", optional: true, value: (one) => by(one, subjects) },
    {
      id: "status",
      title: "Outcome",
      value: ({ status }) => status,
      cell: ({ status }) => <StateMark state={marks[status] ?? status} label={status} />,
    },
  ];
}

function by({ key, person, service }: RecordedCall, { nameOf }: Subjects): string {
  if (key) return `key ${nameOf(key)}`;
  if (person) return nameOf(person);
  return service ?? "the platform";
}
