import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ProblemTold } from "../../../../../knowledge/schemas.ts";
import { call } from "../../api/call.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Lines } from "../../parts/answers.tsx";
import { Earlier } from "../../parts/earlier.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Source } from "./queries.ts";

type Kind = keyof Source["problems"];

/** Kinds with the state whose mark they have, the worst first. */
const kinds: readonly (readonly [kind: Kind, title: string, state: string])[] = [
  ["failed", "Failed", "failed"],
  ["partial", "Read in part", "degraded"],
  ["skipped", "Left out", "skipped"],
];
const piece = 100;

/** Each page or file that was not read, or not whole: what happened and what to do. */
export function SourceProblems({ source: { id, problems } }: { source: Source }) {
  const there = kinds.filter(([kind]) => problems[kind] > 0);
  const [chosen, choose] = useState<Kind>();
  const kind = there.some(([one]) => one === chosen) ? chosen : there[0]?.[0];
  const query = useInfiniteQuery({
    queryKey: ["knowledge", "sources", id, "problems", kind],
    queryFn: ({ signal, pageParam }) => {
      const asked = new URLSearchParams({
        kind: String(kind),
        limit: String(piece),
        ...(pageParam && { after: pageParam }),
      });
      return call<ProblemTold[]>(`/api/knowledge/sources/${id}/problems?${asked}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last: ProblemTold[]) => (last.length < piece ? undefined : last.at(-1)?.address),
    enabled: kind !== undefined,
  });
  if (!kind) return null;
  const state = kinds.find(([one]) => one === kind)?.[2] ?? kind;
  return (
    <section className="stack" aria-label="Problems">
      <h3>Problems</h3>
      <SegmentedControl
        size="xs"
        aria-label="Kind of problem"
        className="self-start"
        data={there.map(([value, title]) => ({ value, label: `${title} (${problems[value]})` }))}
        value={kind}
        onChange={(next) => choose(next as Kind)}
      />
      <Answer query={query} skeleton={<Lines count={3} />}>
        {({ pages }) => (
          <ul className="plain-list page-list">
            {pages.flat().map(({ address, note, notedAt }) => (
              <li key={address}>
                <StateMark state={state} quiet /> <span className="strong">{address}</span>
                <br />
                {note}{" "}
                <span className="quiet">
                  <Ago at={notedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <Earlier query={query}>Show more</Earlier>
    </section>
  );
}
