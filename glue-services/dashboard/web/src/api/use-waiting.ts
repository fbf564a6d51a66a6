import { useQuery } from "@tanstack/react-query";
import { useFeed } from "../pages/overview/use-feed.ts";
import { deadLettersQuery, type RunSummary, runsQuery, type Status, statusQuery } from "./queries.ts";
import { isAdministrator, useMe } from "./session.ts";

/** Whether somebody should look at a run: it did not end as it should. */
export function stopped(run: RunSummary | undefined): boolean {
  return run?.state === "failed" || run?.state === "interrupted";
}

/** Components that do not run as they should, by the status alone. */
export function illOf({ components }: Status): Status["components"] {
  return components.filter(({ state }) => state === "failed" || state === "degraded");
}

/** What the overview's headline, its list and the menu's badge agree on: runs, dead letters and how many things wait. */
export function useWaiting() {
  const administrator = isAdministrator(useMe());
  const { data: status } = useQuery(statusQuery);
  const { data: runs } = useQuery({ ...runsQuery, enabled: administrator, refetchInterval: 15_000 });
  const { data: letters } = useQuery({
    ...deadLettersQuery,
    enabled: administrator,
    refetchInterval: 30_000,
    retry: false,
  });
  const { data: feed, isPending } = useFeed();
  const waiting = [
    status?.supervisor.reachable === false ? 1 : 0,
    status ? illOf(status).length : 0,
    stopped(runs?.[0]) ? 1 : 0,
    letters && letters.length > 0 ? 1 : 0,
    feed?.needs.length ?? 0,
  ].reduce((sum, count) => sum + count, 0);
  return { runs: runs ?? [], letters: letters?.length ?? 0, feed, told: !isPending, waiting };
}
