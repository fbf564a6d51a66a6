import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Answered } from "../../../../../knowledge/contract.ts";
import type { PageListed, PageTold } from "../../../../../knowledge/routes/search.ts";
import type { SearchTold, SettingsTold, SourceTold } from "../../../../../knowledge/schemas.ts";
import { call } from "../../api/call.ts";
import { useTopic } from "../../live/live.ts";

export type Source = SourceTold;
export type Run = NonNullable<Source["run"]>;
export type { Answered, SearchTold };
export type PageText = Static<typeof PageTold>;
export type Settings = Static<typeof SettingsTold>;

export const sourcesQuery = queryOptions({
  queryKey: ["knowledge", "sources"],
  queryFn: ({ signal }) => call<Source[]>("/api/knowledge/sources", { signal }),
});

export const sourcePagesQuery = (id: string) =>
  queryOptions({
    queryKey: ["knowledge", "sources", id, "pages"],
    queryFn: ({ signal }) =>
      call<Static<typeof PageListed>[]>(`/api/knowledge/sources/${id}/pages?limit=200`, { signal }),
  });

export const pageQuery = (id: string) =>
  queryOptions({
    queryKey: ["knowledge", "page", id],
    queryFn: ({ signal }) => call<PageText>(`/api/knowledge/pages/${encodeURIComponent(id)}`, { signal }),
  });

export const settingsQuery = queryOptions({
  queryKey: ["knowledge", "settings"],
  queryFn: ({ signal }) => call<Settings>("/api/knowledge/settings", { signal }),
});

export interface Wanted {
  words: string;
  source: string;
  kind: string;
}

export const searchQuery = ({ words, source, kind }: Wanted) => {
  const query = new URLSearchParams({ q: words, limit: "12", ...(source && { source }), ...(kind && { kind }) });
  return queryOptions({
    queryKey: ["knowledge", "search", words, source, kind],
    queryFn: ({ signal }) => call<SearchTold>(`/api/knowledge/search?${query}`, { signal }),
    placeholderData: keepPreviousData,
    enabled: words.trim() !== "",
  });
};

/** Milliseconds between two looks while a source is read: each page that is read is told. */
const calm = 400;

/** Reads the sources anew when something is told of them, at most so often. */
export function useSourcesLive(): void {
  const client = useQueryClient();
  useTopic("knowledge", {
    message: () => later(() => void client.invalidateQueries({ queryKey: ["knowledge"], predicate: isList })),
    resync: () => void client.invalidateQueries({ queryKey: ["knowledge"], predicate: isList }),
  });
}

/** What a search found stays as it is while one reads it. */
function isList({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  return queryKey[1] === "sources" || queryKey[1] === "settings";
}

let waiting: ReturnType<typeof setTimeout> | undefined;

function later(work: () => void): void {
  if (waiting !== undefined) return;
  waiting = setTimeout(() => {
    waiting = undefined;
    work();
  }, calm);
}
