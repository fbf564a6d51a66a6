import { describe, expect, test } from "vitest";
import { type Habit, habitsOf, isSpelling, learn } from "../../../../glue-services/ai-gateway/translate/habits.ts";
import { respelled, shapeOf } from "../../../../glue-services/ai-gateway/wire/shapes.ts";
import { asked, type Client, candidateOf, hello, type Seen } from "./pair.ts";

describe("a server that wants a parameter by its other name", () => {
  const refused = (message: string) => ({ status: 400, body: Buffer.from(JSON.stringify({ error: { message } })) });
  const lessons: [
    string,
    Client,
    "openai" | "openai-compatible" | "anthropic",
    object,
    string,
    Habit,
    (sent: Seen) => unknown,
  ][] = [
    [
      "max_completion_tokens",
      "messages",
      "openai-compatible",
      {},
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_completion_tokens",
      ({ max_completion_tokens: limit }) => limit === 100,
    ],
    [
      "max_tokens",
      "messages",
      "openai",
      {},
      "Unrecognized request argument supplied: max_completion_tokens",
      "max_tokens",
      ({ max_tokens: limit }) => limit === 100,
    ],
    [
      "the client's own limit",
      "chat",
      "openai",
      { max_tokens: 7 },
      "Unsupported parameter: 'max_tokens'",
      "max_completion_tokens",
      (sent) => sent.max_completion_tokens === 7 && sent.max_tokens === undefined,
    ],
    [
      "a stream without options",
      "chat",
      "openai-compatible",
      { stream: true },
      "stream_options: Extra inputs are not permitted",
      "no stream_options",
      (sent) => sent.stream_options === undefined,
    ],
    [
      "no effort",
      "messages",
      "openai-compatible",
      { thinking: { type: "enabled", budget_tokens: 2000 } },
      "Unknown parameter: reasoning_effort",
      "no reasoning_effort",
      (sent) => sent.reasoning_effort === undefined,
    ],
    [
      "no thinking",
      "chat",
      "anthropic",
      { reasoning_effort: "low", max_tokens: 4000 },
      "thinking: this model does not support thinking",
      "no thinking",
      (sent) => sent.thinking === undefined,
    ],
  ];
  test.each(lessons)("is asked again so, and from then on: %s", (_name, client, kind, more, message, habit, holds) => {
    const candidate = candidateOf(kind);
    const call = asked(client, { ...hello[client], ...more });
    const first = shapeOf(call, candidate);
    const other = respelled(call, candidate, first, refused(message));
    expect(holds(JSON.parse(String(other?.body)))).toBe(true);
    expect([...habitsOf(candidate)]).toEqual([habit]);
    expect(shapeOf(call, candidate).body.toString()).toBe(String(other?.body));
    // Once: what is refused in both spellings is another model's.
    expect(other && respelled(call, candidate, other, refused(message))).toBeUndefined();
    expect(isSpelling(refused(message).body)).toBe(true);
  });

  test("is not what refuses a value, or a field of the client's own", () => {
    const candidate = candidateOf("openai-compatible");
    const sent = '{"max_tokens":5000000}';
    for (const message of [
      "max_tokens is too large: 5000000. This model supports at most 4096 completion tokens",
      "The temperature must be below 2",
      "Unknown parameter: logit_bias",
    ]) {
      expect(learn(candidate, sent, refused(message).body), message).toBe(false);
    }
    expect(habitsOf(candidate).size).toBe(0);
  });
});
