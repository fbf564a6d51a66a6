import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Change, Need, Step } from "../../../../../kit/feed/feed.ts";
import { call } from "../../api/call.ts";
import { useMe } from "../../api/session.ts";
import { usePolling, useTopic } from "../../live/live.ts";
import { zone } from "../../parts/day.ts";

export interface FeedTold {
  needs: Need[];
  changes: Change[];
  steps: { step: Step; done: boolean }[];
  silent: string[];
}

export const feedQuery = queryOptions({
  queryKey: ["feed"],
  queryFn: ({ signal }) => call<FeedTold>(`/api/platform/feed?${new URLSearchParams({ tz: zone })}`, { signal }),
  staleTime: 10_000,
});

/** What waits and what changed: read anew when it is told of a change, else now and then. */
export function useFeed() {
  const client = useQueryClient();
  const me = useMe();
  const again = { message: () => void client.invalidateQueries({ queryKey: feedQuery.queryKey }) };
  useTopic("platform.feed", again);
  useTopic("mcp", again);
  useTopic("knowledge", again);
  const polling = usePolling(15_000);
  // What a budget or a provider does is told by nobody.
  return useQuery({ ...feedQuery, enabled: Boolean(me), refetchInterval: polling || 60_000, retry: false });
}
