import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../api/queries.ts";
import { live, useLiveState } from "../live/live.ts";
import { Ago } from "../parts/ago.tsx";

/** Said while nothing answers: how old what is shown is. Silent while changes are told, or asked for instead. */
export function ConnectionNotice() {
  const state = useLiveState();
  const { isError, dataUpdatedAt, refetch, data } = useQuery(statusQuery);
  if (!isError || data === undefined) return null;
  return (
    <div className="offline" role="status">
      <span>
        <strong>Offline.</strong> The platform does not answer; what you see is from <Ago at={dataUpdatedAt} />.
        {state === "lost" && " Trying again by itself."}
      </span>
      <button
        type="button"
        className="link"
        onClick={() => {
          live.retry();
          void refetch();
        }}
      >
        Try now
      </button>
    </div>
  );
}
