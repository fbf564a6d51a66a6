import { useQuery } from "@tanstack/react-query";
import type { Situation } from "../features.ts";
import { statusQuery } from "./queries.ts";
import { contextQuery, meQuery } from "./session.ts";

/** What the feature table asks; undefined until it is known. */
export function useSituation(): Situation | undefined {
  const { data: context } = useQuery(contextQuery);
  const { data: me } = useQuery(meQuery);
  const { data: components = none } = useQuery({ ...statusQuery, select: names });
  if (!context || me === undefined) return undefined;
  return { context, components, me };
}

const none: string[] = [];

function names(status: { components: { name: string }[] }): string[] {
  return status.components.map(({ name }) => name);
}
