import type { ReactNode } from "react";
import { Facts } from "../../parts/page.tsx";
import { absolute } from "../../parts/relative.ts";
import type { RecordedCall } from "./queries.ts";

/** One call with all that was said, and with what was cut out of it marked. */
export function RecordedWhole({ recorded, by }: { recorded: RecordedCall; by: string }) {
  const { at, asked, provider, model, surface, status, question, answer } = recorded;
  const said = saidIn(question);
  const removed = `${question}\n${answer}`.match(cutOut)?.length ?? 0;
  return (
    <div className="stack">
      <Facts
        facts={[
          ["When", absolute(new Date(at))],
          ["By", by],
          ["Asked for", asked],
          ["Answered by", provider ? `${provider}/${model}` : model],
          ["Through", surface],
          ["Outcome", status],
          ["Cut out", removed === 0 ? "nothing" : `${removed} ${removed === 1 ? "place" : "places"}`],
        ]}
      />
      {said.map(({ role, text }, at) => (
        <section key={at}>
          <h3>{role}</h3>
          <pre className="block said">{marked(text)}</pre>
        </section>
      ))}
      <section>
        <h3>answer</h3>
        <pre className="block said">{answer === "" ? "–" : marked(answerIn(answer))}</pre>
      </section>
      <details>
        <summary>Request and answer as they were written down</summary>
        <pre className="block">{marked(pretty(question))}</pre>
        <pre className="block">{marked(pretty(answer))}</pre>
      </details>
    </div>
  );
}

/** What the gateway puts in place of what it cut out. */
const cutOut = /\[[^[\]\n]{1,80} removed\]/g;

function marked(text: string): ReactNode[] {
  const parts = text.split(/(\[[^[\]\n]{1,80} removed\])/);
  return parts.map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part));
}

interface Said {
  role: string;
  text: string;
}

/** Messages of a request of any of the APIs; a request that was cut off is one text. */
function saidIn(question: string): Said[] {
  try {
    const { instructions, system, messages, input, prompt } = JSON.parse(question) as Record<string, unknown>;
    const first = [instructions, system].filter(Boolean).map((text) => ({ role: "system", text: textOf(text) }));
    const rest = [messages ?? input ?? prompt ?? []].flat().map((one) => {
      const { role = "question", content = one } = (typeof one === "object" ? one : {}) as Record<string, unknown>;
      return { role: String(role), text: textOf(content) };
    });
    return [...first, ...rest];
  } catch {
    return [{ role: "question", text: question }];
  }
}

/** What a model said in an answer of any of the APIs; of anything else all of it. */
function answerIn(answer: string): string {
  try {
    const { choices, content, output } = JSON.parse(answer) as {
      choices?: { message?: { content?: unknown; tool_calls?: unknown } }[];
      content?: unknown;
      output?: { content?: unknown }[];
    };
    const message = choices?.[0]?.message;
    if (message) return textOf(message.content ?? message.tool_calls);
    if (Array.isArray(content)) return textOf(content);
    if (Array.isArray(output)) return output.map((item) => textOf(item.content ?? item)).join("\n");
    return pretty(answer);
  } catch {
    return answer;
  }
}

/** The last thing a person said, in one line. */
export function lastSaid(question: string): string {
  const said = saidIn(question);
  const last = said.findLast(({ role }) => role === "user" || role === "question") ?? said.at(-1);
  return last?.text.replace(/\s+/g, " ") ?? "";
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content == null ? "" : JSON.stringify(content, null, 2);
  return content
    .map((part: { text?: string; type?: string } | string) =>
      typeof part === "string" ? part : (part.text ?? `(${part.type ?? "something else"})`),
    )
    .join("\n");
}

function pretty(question: string): string {
  try {
    return JSON.stringify(JSON.parse(question), null, 2);
  } catch {
    return question;
  }
}
