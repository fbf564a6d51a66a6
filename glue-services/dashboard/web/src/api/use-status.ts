import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling, useTopic } from "../live/live.ts";
import { type Status, statusQuery } from "./queries.ts";

/** How the platform is: told of every change, else asked every few seconds. */
export function useStatus() {
  const client = useQueryClient();
  useTopic("platform.status", {
    message: (data) => client.setQueryData(statusQuery.queryKey, data as Status),
    resync: () => void client.invalidateQueries({ queryKey: statusQuery.queryKey }),
  });
  return useQuery({ ...statusQuery, refetchInterval: usePolling(5000) });
}
