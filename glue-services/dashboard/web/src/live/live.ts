import { useEffect, useRef, useSyncExternalStore } from "react";
import { meQuery } from "../api/session.ts";
import { withOrganisation } from "../organisation.ts";
import { client } from "../query-client.ts";
import { createConnection, type Listener, type LiveState } from "./connection.ts";

const address = () => {
  const { protocol, host } = window.location;
  return `${protocol === "https:" ? "wss" : "ws"}://${host}${withOrganisation("/api/live")}`;
};

/** Asking who is signed in shows the way back to whoever no longer is. */
export const live = createConnection(address, () => void client.invalidateQueries({ queryKey: meQuery.queryKey }));

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.onState, live.state);
}

/** Hears a topic while the component is shown. */
export function useTopic(topic: string | undefined, listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (topic === undefined) return;
    return live.listen(topic, {
      message: (data) => latest.current.message(data),
      resync: () => latest.current.resync?.(),
    });
  }, [topic]);
}

/** How often to ask where nothing is told: false while the connection is live. */
export function usePolling(milliseconds: number): number | false {
  return useLiveState() === "live" ? false : milliseconds;
}
