import { Button, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call } from "../../dashboard/web/src/api/call.ts";
import { eventQuery, type PlatformEvent, topicsQuery } from "../../dashboard/web/src/api/queries.ts";
import { useAddress } from "../../dashboard/web/src/parts/address.ts";
import { Ago } from "../../dashboard/web/src/parts/ago.tsx";
import { Answer, Empty, Failure, Lines } from "../../dashboard/web/src/parts/answers.tsx";
import { Earlier } from "../../dashboard/web/src/parts/earlier.tsx";
import { Facts } from "../../dashboard/web/src/parts/page.tsx";
import { SidePanel } from "../../dashboard/web/src/parts/side-panel.tsx";
import { StateMark } from "../../dashboard/web/src/parts/state-mark.tsx";
import type { Column } from "../../dashboard/web/src/parts/table/column.ts";
import { DataTable } from "../../dashboard/web/src/parts/table/data-table.tsx";
import { Content } from "./content.tsx";

interface Found {
  events: PlatformEvent[];
  next: string | null;
}

const columns: Column<PlatformEvent>[] = [
  { id: "topic", title: "Event", value: ({ topic }) => topic, cell: ({ topic }) => <code>{topic}</code> },
  { id: "key", title: "Key", optional: true, value: ({ key }) => key, cell: ({ key }) => <code>{key}</code> },
  {
    id: "state",
    title: "Deliveries",
    choice: "state",
    value: stateOf,
    cell: (event) => <StateMark state={stateOf(event)} />,
  },
  { id: "at", title: "When", value: ({ emittedAt }) => emittedAt, cell: ({ emittedAt }) => <Ago at={emittedAt} /> },
];

/** What services told each other lately; older events are read when asked for. */
export function Recent() {
  const [topic, setTopic] = useAddress("topic");
  const [open, setOpen] = useAddress("event");
  const topics = useQuery(topicsQuery);
  const query = useInfiniteQuery({
    queryKey: ["events", "list", topic],
    queryFn: ({ pageParam, signal }) => call<Found>(pathOf(topic, pageParam), { signal }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    // Once older ones are read, the table stays as it is under the reader's eyes.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : 10_000),
  });
  const events = useMemo(() => query.data?.pages.flatMap((page) => page.events) ?? [], [query.data]);
  const offered = [...new Set([...(topics.data ?? []), ...(topic ? [topic] : [])])].sort();
  const choice = (
    <Select
      size="xs"
      className="data-choice"
      aria-label="Topic"
      placeholder="Any topic"
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Any topic" }}
      data={offered}
      value={topic || null}
      onChange={(next) => setTopic(next ?? undefined)}
    />
  );
  if (query.isPending) return <Lines count={10} />;
  if (query.isError && !query.data) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return (
    <>
      {events.length === 0 ? (
        <>
          {topic && <div className="data-tools">{choice}</div>}
          <Empty title={topic ? `No recent ${topic}` : "No event yet"}>
            {query.hasNextPage
              ? "There is none among the newest events; older ones may be further back."
              : "Services write an event with every change that others want to know of. Events are kept for a while after everybody has taken them."}
          </Empty>
        </>
      ) : (
        <DataTable
          name="events"
          columns={columns}
          rows={events}
          id={({ id }) => id}
          open={open}
          openKey="event"
          onOpen={({ id }) => setOpen(id, { push: true })}
          actions={choice}
        />
      )}
      {query.hasNextPage && (
        <div className="row">
          <Earlier query={query}>Earlier events</Earlier>
        </div>
      )}
      <SidePanel title="Event" opened={open !== ""} onClose={() => setOpen(undefined)}>
        {open && <Details key={open} id={open} known={events.find(({ id }) => id === open)} />}
      </SidePanel>
    </>
  );
}

/** The content is read when it is asked for, and not with the list. */
function Details({ id, known }: { id: string; known: PlatformEvent | undefined }) {
  const [wanted, want] = useState(false);
  const query = useQuery({ ...eventQuery(id), enabled: wanted || !known });
  const event = known ?? query.data;
  if (!event) return <Answer query={query}>{() => null}</Answer>;
  return (
    <div className="stack">
      <Facts
        facts={[
          ["Event", <code key="topic">{event.topic}</code>],
          ["Key", <code key="key">{event.key}</code>],
          ["Organisation", event.organisation ?? "none"],
          ["Emitted", <Ago key="at" at={event.emittedAt} />],
          ["Deliveries", <StateMark key="state" state={stateOf(event)} />],
        ]}
      />
      {event.open.length === 0 && <p>Everybody who subscribes to it has taken it.</p>}
      {event.open.map(({ subscriber, state, attempts, retryAt, error }) => (
        <section key={subscriber}>
          <h3 className="row between">
            {subscriber} <StateMark state={state} />
          </h3>
          {attempts > 0 && (
            <p>
              {attempts} {attempts === 1 ? "attempt" : "attempts"} failed
              {retryAt && (
                <>
                  ; the next is due <Ago at={retryAt} />
                </>
              )}
              .
            </p>
          )}
          {error && <p className="reason">{error}</p>}
        </section>
      ))}
      {wanted ? (
        <Answer query={query} skeleton={<Lines count={3} />}>
          {({ payload }) => <Content payload={JSON.stringify(payload, null, 2)} />}
        </Answer>
      ) : (
        <div className="row">
          <Button size="xs" variant="default" onClick={() => want(true)}>
            Show the content
          </Button>
        </div>
      )}
    </div>
  );
}

/** The worst of its deliveries. */
function stateOf({ open }: PlatformEvent): string {
  return (["failed", "failing", "waiting"] as const).find((state) => open.some((one) => one.state === state)) ?? "done";
}

function pathOf(topic: string, before: string): string {
  const query = new URLSearchParams({ ...(topic && { topic }), ...(before && { before }) });
  return `/api/platform/events?${query}`;
}
