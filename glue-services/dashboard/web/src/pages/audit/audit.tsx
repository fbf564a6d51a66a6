import { Checkbox, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../../api/call.ts";
import { type AuditChoices, type AuditEntry, auditChoicesQuery } from "../../api/queries.ts";
import { usePolling, useTopic } from "../../live/live.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Empty, Failure, Lines } from "../../parts/answers.tsx";
import { Earlier } from "../../parts/earlier.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { Details, whoOf } from "./details.tsx";
import { ranges, spanOf } from "./range.ts";
import { areaOf, sentenceOf } from "./words.ts";

const pageSize = 100;

const columns: Column<AuditEntry>[] = [
  { id: "action", title: "What", value: ({ action }) => sentenceOf(action) },
  { id: "target", title: "About", value: ({ target }) => target },
  { id: "who", title: "Who", value: whoOf },
  { id: "area", title: "Area", optional: true, value: ({ service }) => areaOf(service) },
  { id: "ip", title: "From", optional: true, value: ({ ip }) => ip },
  { id: "at", title: "When", value: ({ at }) => at, cell: ({ at }) => <Ago at={at} /> },
];

/** Who changed what in the organisation, in all services. */
export function Audit() {
  const filters = useFilters();
  const [wanted] = useDebouncedValue(filters.wanted, 300);
  const client = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam, signal }) => {
      const { range, from, to, ...exact } = wanted;
      const asked = Object.entries({ ...exact, ...spanOf({ range, from, to }, Date.now()), before: pageParam });
      const search = new URLSearchParams(asked.filter(([, value]) => value));
      return call<AuditEntry[]>(`/api/platform/audit?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.id),
    placeholderData: (before) => before,
    refetchInterval: usePolling(15_000),
  });
  useTopic("platform.feed", { message: () => void client.invalidateQueries({ queryKey: ["audit"] }) });
  const [open, setOpen] = useAddress("open");
  const entries = useMemo(() => query.data?.pages.flat() ?? [], [query.data]);
  const chosen = entries.find(({ id }) => id === open);
  return (
    <Page
      title="Audit"
      lead="Who changed what in this organisation: access, cost and secrets of every product. Entries are kept as they were written."
    >
      <Filters filters={filters} />
      {query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Lines count={10} />
      ) : entries.length === 0 ? (
        <Empty title={filters.any ? "No results" : "Nothing has been recorded yet"}>
          {filters.any
            ? "No entry matches these filters. Choose a longer time or clear one of them."
            : "Every change of people, roles, keys, models, budgets, rules, sources and secrets is recorded here with who made it and from where."}
        </Empty>
      ) : (
        <>
          <DataTable
            name="audit"
            columns={columns}
            rows={entries}
            id={({ id }) => id}
            sort="-at"
            searched
            open={open}
            onOpen={({ id }) => setOpen(id, { push: true })}
          />
          <Earlier query={query}>Earlier entries</Earlier>
        </>
      )}
      <SidePanel
        title={chosen && `${whoOf(chosen)} ${sentenceOf(chosen.action)} ${chosen.target ?? ""}`}
        opened={chosen !== undefined}
        onClose={() => setOpen(undefined)}
      >
        {chosen && <Details entry={chosen} />}
      </SidePanel>
    </Page>
  );
}

const keys = ["q", "range", "from", "to", "service", "person", "access"] as const;
type Key = (typeof keys)[number];

/** The filters as they stand in the address. */
function useFilters() {
  const [q, setQ] = useAddress("q");
  const [range, setRange] = useAddress("range");
  const [from, setFrom] = useAddress("from");
  const [to, setTo] = useAddress("to");
  const [service, setService] = useAddress("service");
  const [person, setPerson] = useAddress("person");
  const [access, setAccess] = useAddress("access");
  const wanted = { q, range, from, to, service, person, access };
  const set = {
    ...{ q: setQ, range: setRange, from: setFrom, to: setTo, service: setService, person: setPerson },
    access: setAccess,
  } satisfies Record<Key, unknown>;
  return { wanted, set, any: keys.some((key) => wanted[key]) };
}

function Filters({ filters: { wanted, set } }: { filters: ReturnType<typeof useFilters> }) {
  const { data } = useQuery(auditChoicesQuery);
  const choices: AuditChoices = data ?? { services: [], actions: [], people: [] };
  return (
    <div className="row filters">
      <TextInput
        type="search"
        aria-label="Search audit"
        placeholder="Search audit"
        leftSection={<Icon name="search" size={14} />}
        value={wanted.q}
        onChange={({ currentTarget }) => set.q(currentTarget.value || undefined)}
      />
      <Select
        aria-label="Time range"
        placeholder="Any time"
        clearable
        clearButtonProps={{ "aria-label": "Clear the time range" }}
        data={[...ranges.map(({ value, label }) => ({ value, label })), { value: "custom", label: "Between two days" }]}
        value={wanted.range || null}
        onChange={(value) => set.range(value ?? undefined)}
      />
      {wanted.range === "custom" && (
        <>
          <TextInput
            type="date"
            aria-label="From day"
            value={wanted.from}
            onChange={({ currentTarget }) => set.from(currentTarget.value || undefined)}
          />
          <TextInput
            type="date"
            aria-label="To day"
            value={wanted.to}
            onChange={({ currentTarget }) => set.to(currentTarget.value || undefined)}
          />
        </>
      )}
      <Select
        aria-label="Area"
        placeholder="Any area"
        clearable
        clearButtonProps={{ "aria-label": "Clear the area" }}
        data={choices.services.map((value) => ({ value, label: areaOf(value) }))}
        value={wanted.service || null}
        onChange={(value) => set.service(value ?? undefined)}
      />
      <Select
        aria-label="Person"
        placeholder="Anyone"
        searchable
        clearable
        clearButtonProps={{ "aria-label": "Clear the person" }}
        data={choices.people.map(({ id, name }) => ({ value: id, label: name }))}
        value={wanted.person || null}
        onChange={(value) => set.person(value ?? undefined)}
      />
      <Checkbox
        label="Reads of secrets and findings of guardrails too"
        checked={wanted.access === "true"}
        onChange={({ currentTarget }) => set.access(currentTarget.checked ? "true" : undefined)}
      />
    </div>
  );
}
