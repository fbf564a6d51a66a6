import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTopic } from "../../live/live.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { CallPanel, callerOf, marks } from "./call-panel.tsx";
import { Cost } from "./cost.tsx";
import { type Called, callsQuery, count } from "./queries.ts";
import { useSubjects } from "./subjects.ts";

interface Batch {
  calls: Called[];
  more: number;
}

/** Calls that are kept on the page. */
const most = 500;

const columnsOf = (nameOf: (id: string) => string): Column<Called>[] => [
  { id: "at", title: "When", value: ({ at }) => at, cell: ({ at }) => <Ago at={at} /> },
  {
    id: "model",
    title: "Model",
    value: ({ provider, model }) => `${provider}/${model}`,
    cell: ({ provider, model }) => <code className="clip">{`${provider}/${model}`}</code>,
  },
  { id: "asked", title: "Asked for", optional: true, value: ({ asked }) => asked },
  {
    id: "status",
    title: "State",
    choice: true,
    value: ({ status }) => status,
    cell: ({ status, code }) => (
      <StateMark state={marks[status] ?? "unknown"} label={status === "failed" ? `failed ${code}` : status} />
    ),
  },
  {
    id: "tokens",
    title: "Tokens",
    align: "right",
    optional: true,
    value: ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
    cell: ({ inputTokens, outputTokens }) => `${count(inputTokens)} → ${count(outputTokens)}`,
  },
  {
    id: "cost",
    title: "Cost",
    align: "right",
    value: ({ cost }) => cost,
    cell: ({ cost, unpriced = false }) => <Cost cost={cost} unpriced={unpriced} />,
  },
  {
    id: "ms",
    title: "Took",
    align: "right",
    optional: true,
    value: ({ ms }) => ms,
    cell: ({ ms }) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`),
  },
  { id: "service", title: "By", optional: true, value: (one) => callerOf(one, nameOf) },
];

/** Calls of models as they end. */
export function Traffic() {
  const { nameOf } = useSubjects();
  const [open, setOpen] = useAddress("open");
  const query = useQuery({ ...callsQuery, staleTime: Number.POSITIVE_INFINITY });
  const [heard, setHeard] = useState<{ calls: Called[]; missed: number }>({ calls: [], missed: 0 });
  const [paused, pause] = useState(false);
  const waiting = useRef<{ calls: Called[]; missed: number }>({ calls: [], missed: 0 });
  const take = (more: { calls: Called[]; missed: number }) =>
    setHeard((before) => ({
      calls: [...more.calls.toReversed(), ...before.calls].slice(0, most),
      missed: before.missed + more.missed,
    }));
  useTopic("ai.calls", {
    message(data) {
      const { calls, more } = data as Batch;
      if (!paused) return take({ calls, missed: more });
      waiting.current = {
        calls: [...waiting.current.calls, ...calls].slice(-most),
        missed: waiting.current.missed + more,
      };
    },
    resync: () => void query.refetch(),
  });
  return (
    <Page
      title="Live traffic"
      lead="Calls of models as they end. What was asked and answered is never shown here."
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name={paused ? "play" : "pause"} size={12} />}
          onClick={() => {
            if (paused) take(waiting.current);
            waiting.current = { calls: [], missed: 0 };
            pause(!paused);
          }}
        >
          {paused ? "Resume" : "Pause"}
        </Button>
      }
    >
      <Answer query={query}>
        {(calls) => {
          const known = new Set(heard.calls.map(({ id }) => id));
          const rows = [...heard.calls, ...calls.filter(({ id }) => !known.has(id))].slice(0, most);
          return rows.length === 0 ? (
            <Empty title="No call yet" action={<Command>./devflow hub chat "Hello"</Command>}>
              The latest calls stand here, and each new one as it ends.
            </Empty>
          ) : (
            <>
              {heard.missed > 0 && (
                <p className="quiet">{count(heard.missed)} more came too fast to be shown one by one.</p>
              )}
              <DataTable
                name="calls"
                columns={columnsOf(nameOf)}
                rows={rows}
                id={({ id }) => id}
                open={open}
                onOpen={({ id }) => setOpen(id, { push: true })}
              />
              <CallPanel call={rows.find(({ id }) => id === open)} nameOf={nameOf} onClose={() => setOpen(undefined)} />
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
