import { Copy } from "../../parts/command.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { count, dollars, type Model } from "./queries.ts";
import type { Told } from "./stream-chat.ts";
import type { Turn } from "./use-chat.ts";

interface ChatTurnProps {
  turn: Turn;
  /** Who answers, until the answer says it itself. */
  model: string;
  models: readonly Model[] | undefined;
  streaming: boolean;
}

/** A question as it was typed, or an answer as it is read, with what it took. */
export function ChatTurn({ turn: { role, content, told, stopped }, model, models, streaming }: ChatTurnProps) {
  return (
    <li className={`turn turn-${role}`}>
      <span className="turn-who">
        {role === "user" ? "You" : (told?.model ?? model)}
        {content !== "" && !streaming && (
          <Copy value={content} label={role === "user" ? "Copy what you asked" : "Copy the answer"} />
        )}
      </span>
      <div className={role === "user" ? "turn-text" : "turn-answer"}>
        {role === "user" && content}
        {role === "assistant" && content !== "" && <Markdown>{content}</Markdown>}
        {content === "" && <span className="quiet">{stopped ? "No answer yet when it was stopped." : "…"}</span>}
      </div>
      {stopped && (
        <span className="turn-facts turn-stopped">
          <span aria-hidden="true">■ </span>Stopped: the answer is not whole.
        </span>
      )}
      {told && <span className="quiet turn-facts">{factsOf(told, models)}</span>}
    </li>
  );
}

function factsOf({ firstMs, ms, usage, cache, model }: Told, models: readonly Model[] | undefined): string {
  const price = models?.find(({ id }) => id === model)?.price;
  const cost =
    usage && price ? (usage.prompt_tokens * price.input + usage.completion_tokens * price.output) / 1e6 : undefined;
  return [
    `first word after ${count(firstMs)} ms, ${count(ms)} ms in all`,
    usage && `${count(usage.prompt_tokens)} tokens in, ${count(usage.completion_tokens)} out`,
    cache ? `from the cache (${cache})` : usage && (cost === undefined ? "price unknown" : dollars(cost)),
  ]
    .filter(Boolean)
    .join(" · ");
}
