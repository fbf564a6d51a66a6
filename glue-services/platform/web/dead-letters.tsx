import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../dashboard/web/src/api/call.ts";
import { type DeadLetter, deadLettersQuery } from "../../dashboard/web/src/api/queries.ts";
import { useAddress } from "../../dashboard/web/src/parts/address.ts";
import { Ago } from "../../dashboard/web/src/parts/ago.tsx";
import { Answer, Empty } from "../../dashboard/web/src/parts/answers.tsx";
import { Confirm } from "../../dashboard/web/src/parts/confirm.tsx";
import { Icon } from "../../dashboard/web/src/parts/icon.tsx";
import { Facts } from "../../dashboard/web/src/parts/page.tsx";
import { SidePanel } from "../../dashboard/web/src/parts/side-panel.tsx";
import type { Column } from "../../dashboard/web/src/parts/table/column.ts";
import { DataTable } from "../../dashboard/web/src/parts/table/data-table.tsx";
import { Content } from "./content.tsx";

const columns: Column<DeadLetter>[] = [
  { id: "topic", title: "Event", value: ({ topic }) => topic, cell: ({ topic }) => <code>{topic}</code> },
  { id: "subscriber", title: "Subscriber", choice: true, value: ({ subscriber }) => subscriber, optional: true },
  {
    id: "error",
    title: "Why it failed",
    value: ({ error }) => error,
    cell: ({ error }) => <span className="reason clip">{error}</span>,
  },
  { id: "attempts", title: "Attempts", align: "right", optional: true, value: ({ attempts }) => attempts },
  { id: "died", title: "Given up", value: ({ diedAt }) => diedAt, cell: ({ diedAt }) => <Ago at={diedAt} /> },
];

/** Events that a subscriber could not take, for a person to look at, try again or discard. */
export function DeadLetters({ query }: { query: UseQueryResult<DeadLetter[]> }) {
  const retry = useRetry();
  const [open, setOpen] = useAddress("open");
  return (
    <Answer query={query}>
      {(letters) => {
        const chosen = letters.find(({ id }) => id === open);
        if (letters.length === 0) {
          return (
            <Empty title="No event has failed for good">
              Every event is tried again with growing pauses, ten times at most. One that still fails then no longer
              holds up the others and comes here, with its content and the reason.
            </Empty>
          );
        }
        return (
          <>
            <DataTable
              name="dead letters"
              columns={columns}
              rows={letters}
              id={({ id }) => id}
              sort="-died"
              open={open}
              onOpen={({ id }) => setOpen(id, { push: true })}
              actions={
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<Icon name="restart" size={12} />}
                  onClick={() => void retry(letters)}
                >
                  Try all again
                </Button>
              }
            />
            <SidePanel title={chosen?.topic} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
              {chosen && <Details letter={chosen} onDone={() => setOpen(undefined)} />}
            </SidePanel>
          </>
        );
      }}
    </Answer>
  );
}

function Details({ letter, onDone }: { letter: DeadLetter; onDone: () => void }) {
  const client = useQueryClient();
  const retry = useRetry();
  const [asked, ask] = useState(false);
  return (
    <div className="stack">
      <Facts
        facts={[
          ["Subscriber", letter.subscriber],
          ["Key", <code key="key">{letter.key}</code>],
          ["Organisation", letter.organisation ?? "none"],
          ["Emitted", <Ago key="emitted" at={letter.emittedAt} />],
          ["Given up", <Ago key="died" at={letter.diedAt} />],
          ["Attempts", String(letter.attempts)],
        ]}
      />
      <h3>Why it failed</h3>
      <p className="reason">{letter.error}</p>
      <Content payload={JSON.stringify(letter.payload, null, 2)} />
      <div className="row">
        <Button
          size="xs"
          onClick={async () => {
            await retry([letter]);
            onDone();
          }}
        >
          Try again
        </Button>
        <Button size="xs" variant="default" onClick={() => ask(true)}>
          Discard
        </Button>
      </div>
      <Confirm
        opened={asked}
        onClose={() => ask(false)}
        title="Discard this event?"
        action="Discard"
        danger
        run={async () => {
          await call(`/api/platform/dead-letters/${letter.id}`, { method: "DELETE" });
          onDone();
          await client.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
        }}
      >
        {letter.subscriber} will never get it. What the event tells of stays as it is.
      </Confirm>
    </div>
  );
}

function useRetry() {
  const client = useQueryClient();
  return async (letters: readonly DeadLetter[]) => {
    const results = await Promise.allSettled(
      letters.map(({ id }) => call(`/api/platform/dead-letters/${id}/retry`, { method: "POST" })),
    );
    const failed = results.filter(({ status }) => status === "rejected").length;
    const done = results.length - failed;
    notifications.show(
      failed > 0
        ? { color: "red", title: `${failed} could not be tried again`, message: `${done} are on their way.` }
        : { message: done === 1 ? "The event is on its way again." : `${done} events are on their way again.` },
    );
    await client.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
  };
}
