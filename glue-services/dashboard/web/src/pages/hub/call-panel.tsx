import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ago } from "../../parts/ago.tsx";
import { Facts } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { Cost } from "./cost.tsx";
import { type Called, count, providersQuery } from "./queries.ts";

export const marks: Record<string, string> = {
  ok: "done",
  cached: "unchanged",
  failed: "failed",
  cut: "failed",
  cancelled: "interrupted",
};

/** Whose call it was, by name. */
export function callerOf({ service, key, person }: Called, nameOf: (id: string) => string): string {
  if (service) return service;
  if (person) return nameOf(person);
  return key ? `key ${nameOf(key)}` : "a program";
}

/** All that is known of a call: what was asked and answered is not part of it. */
export function CallPanel({
  call,
  nameOf,
  onClose,
}: {
  call: Called | undefined;
  nameOf: (id: string) => string;
  onClose: () => void;
}) {
  const provider = useQuery(providersQuery).data?.find(({ name }) => name === call?.provider);
  const reason = call && reasonOf(call);
  return (
    <SidePanel title="Call" opened={call !== undefined} onClose={onClose}>
      {call && (
        <div className="stack">
          <Facts
            facts={[
              ["State", <StateMark key="state" state={marks[call.status] ?? "unknown"} label={call.status} />],
              ...(reason ? [["Reason", reason] as [string, string]] : []),
              ...(reason && provider?.said ? [["Provider said", provider.said] as [string, string]] : []),
              ["Status code", String(call.code)],
              ["Asked for", call.asked],
              ["Answered by", `${call.provider}/${call.model}`],
              ["By", callerOf(call, nameOf)],
              ["API", `${call.surface}${call.streamed ? ", streamed" : ""}`],
              ["Tokens", `${count(call.inputTokens)} in, ${count(call.outputTokens)} out`],
              ["Cost", <Cost key="cost" cost={call.cost} unpriced={call.unpriced ?? false} />],
              ["Took", `${count(call.ms)} ms`],
              ["When", <Ago key="at" at={call.at} />],
            ]}
          />
          {(call.code === 401 || call.code === 403 || call.code === 503) && call.status === "failed" && (
            <p>
              <Link to="/hub/models" className="link">
                See the provider’s key on the page Models
              </Link>
            </p>
          )}
        </div>
      )}
    </SidePanel>
  );
}

/** Why a call did not end well, by what the provider answered. */
function reasonOf({ status, code }: Called): string | undefined {
  if (status === "cut") return "The provider broke off in the middle of its answer.";
  if (status === "cancelled") return "Whoever asked went away before the answer was whole.";
  if (status !== "failed") return undefined;
  if (code === 401 || code === 403) return "The provider refused its key.";
  if (code === 404) return "The provider has no such model.";
  if (code === 429) return "The provider has too many requests, or its quota is used up.";
  if (code === 503) return "The provider’s key is missing, or the provider is overloaded.";
  if (code === 502) return "The provider could not be reached, or its answer could not be read.";
  if (code >= 500) return "The provider failed.";
  return "The provider did not accept the question.";
}
