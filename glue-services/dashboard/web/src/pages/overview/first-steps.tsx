import { Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { Step } from "../../../../../kit/feed/feed.ts";
import { useMe } from "../../api/session.ts";
import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/page.tsx";
import type { FeedTold } from "./use-feed.ts";

const words: Record<Step, { title: string; path: string }> = {
  "connect-model": { title: "Connect a model", path: "/hub/models" },
  "ask-model": { title: "Ask it something", path: "/hub/playground" },
  push: { title: "Push a first repository", path: "/code" },
  knowledge: { title: "Add knowledge", path: "/knowledge/sources" },
  editor: { title: "Connect your editor by MCP", path: "/mcp-servers?tab=connect" },
  invite: { title: "Invite somebody", path: "/people" },
  "second-factor": { title: "Set up a second factor", path: "/account" },
};

/** Steps to the first results. Each ticks itself off from what is really there; all go once done, or when dismissed. */
export function FirstSteps({ steps }: { steps: FeedTold["steps"] }) {
  const organisation = useMe()?.organisation ?? "";
  const [dismissed, dismiss] = useLocalStorage({
    key: `devflow-first-steps-${organisation}`,
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const done = steps.filter((one) => one.done).length;
  if (dismissed || steps.length === 0 || done === steps.length) return null;
  return (
    <Section
      title="First steps"
      aside={
        <span className="row quiet">
          {done} of {steps.length} done
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => dismiss(true)}>
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
