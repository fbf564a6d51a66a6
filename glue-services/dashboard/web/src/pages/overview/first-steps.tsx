import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Step } from "../../../../../kit/feed/feed.ts";
import { call } from "../../api/call.ts";
import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/page.tsx";
import { type FeedTold, feedQuery } from "./use-feed.ts";

const words: Record<Step, { title: string; path: string }> = {
  "connect-model": { title: "Connect a model", path: "/hub/models" },
  "ask-model": { title: "Ask it something", path: "/hub/playground" },
  push: { title: "Push a first repository", path: "/code" },
  knowledge: { title: "Add knowledge", path: "/knowledge/sources" },
  editor: { title: "Connect your editor by MCP", path: "/mcp-servers?tab=connect" },
  invite: { title: "Invite somebody", path: "/people?new=1" },
  "second-factor": { title: "Set up a second factor", path: "/account" },
};

/** Steps to the first results. Each ticks itself off from what is really there; all go once done, or when dismissed. */
export function FirstSteps({ steps }: { steps: FeedTold["steps"] }) {
  const client = useQueryClient();
  const dismiss = useMutation({
    mutationFn: () => call("/api/platform/feed/steps", { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: feedQuery.queryKey }),
  });
  const done = steps.filter((one) => one.done).length;
  if (dismiss.isPending || steps.length === 0 || done === steps.length) return null;
  return (
    <Section
      title="First steps"
      aside={
        <span className="row quiet">
          {done} of {steps.length} done
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => dismiss.mutate()}>
            Dismiss
          </Button>
        </span>
      }
    >
      <ol className="steps">
        {steps.map(({ step, done }) => (
          <li key={step} data-done={done || undefined}>
            <span className="step-mark">{done && <Icon name="check" size={12} />}</span>
            {done ? (
              <span className="quiet">
                {words[step].title} <span className="visually-hidden">(done)</span>
              </span>
            ) : (
              <Link to={words[step].path}>{words[step].title}</Link>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
