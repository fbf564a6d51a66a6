import { stepsOfStream } from "../translate/translate.ts";
import type { Asked } from "../wire/shape.ts";

const wish = "Your answer was cut off in the middle. Go on exactly where it ends, and repeat nothing of it.";

/** A chat that asks another model to go on with what was streamed; undefined when a tool call had begun, or nothing. */
export function continued(asked: Asked, stream: string | undefined): Asked | undefined {
  if (stream === undefined) return undefined;
  const steps = stepsOfStream(asked, stream);
  if (steps.some(({ is }) => is === "call" || is === "arguments")) return undefined;
  const content = steps.map((step) => (step.is === "text" ? step.text : "")).join("");
  if (content === "") return undefined;
  const messages = [
    ...((asked.body.messages ?? []) as object[]),
    { role: "assistant", content },
    { role: "user", content: wish },
  ];
  const body = { ...asked.body, messages };
  return { ...asked, body, raw: Buffer.from(JSON.stringify(body)) };
}
