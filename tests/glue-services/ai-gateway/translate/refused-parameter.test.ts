import { expect, test } from "vitest";
import { habitsOf, learn } from "../../../../glue-services/ai-gateway/translate/habits.ts";
import { refusedParameter } from "../../../../glue-services/ai-gateway/translate/refused-parameter.ts";
import { candidateOf } from "./pair.ts";

const refusal = (error: object) => Buffer.from(JSON.stringify({ error }));
const everything = {
  max_tokens: 9,
  reasoning_effort: "low",
  stream: true,
  stream_options: { include_usage: true },
  thinking: { type: "enabled", budget_tokens: 2000 },
  tools: [{ type: "function", function: { name: "f", strict: true } }],
};
const asking = (text: string) =>
  JSON.stringify({
    ...everything,
    messages: [
      { role: "user", content: text },
      { role: "assistant", content: "", reasoning_content: "Hm." },
    ],
  });

const statements = [
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  "Unrecognized request argument supplied: reasoning_effort",
  "stream_options: Extra inputs are not permitted",
  "thinking: this model does not support thinking",
  "property 'reasoning_content' is unsupported",
  'Invalid JSON payload received. Unknown name "strict" at tools',
];

test("no text of a caller that a refusal repeats, in whatever words around it, teaches a spelling to anybody", () => {
  const candidate = candidateOf("openai-compatible");
  const repeats: ((text: string) => object)[] = [
    (text) => ({ message: text }),
    (text) => ({ message: text.toUpperCase() }),
    (text) => ({ message: `'${text}'` }),
    (text) => ({ message: `Provider returned error (${text})` }),
    (text) => ({
      message: `Invalid value: '${text}'. Supported values are: 'low', 'high'.`,
      param: "reasoning_effort",
    }),
    (text) => ({ message: `Unsupported value: '${text}'`, code: "unsupported_value", param: "reasoning_effort" }),
    (text) => ({ message: `The prompt was refused: ${text}`, param: "messages[0].content" }),
    (text) => ({ message: "The prompt was refused", detail: text, metadata: { raw: text } }),
    (text) => ({ message: "Bad request", code: text, param: text }),
  ];
  for (const statement of statements) {
    for (const repeat of repeats) {
      const error = repeat(statement);
      expect([JSON.stringify(error), learn(candidate, asking(statement), refusal(error))]).toEqual([
        JSON.stringify(error),
        false,
      ]);
    }
    expect(learn(candidate, asking(statement), Buffer.from(statement)), statement).toBe(false);
  }
  expect(habitsOf(candidate).size).toBe(0);
});

test("what depends on one request, or on a field that its client wrongly added, teaches nothing of the model", () => {
  const candidate = candidateOf("openai-compatible");
  const cases: [object, object][] = [
    [
      { max_tokens: 1, max_completion_tokens: 1 },
      { message: "Unsupported parameter: max_tokens", code: "unsupported_parameter", param: "max_tokens" },
    ],
    [{ max_tokens: 1 }, { message: "max_tokens is not supported together with logprobs" }],
    [{ stream_options: {} }, { message: "stream_options is not allowed" }],
    [everything, { message: "stream_options is not allowed when stream is false" }],
    [
      { ...everything, strict: true },
      { message: "Unknown parameter: 'strict'", code: "unknown_parameter" },
    ],
    [everything, { message: "Unknown parameter: 'response_format.strict'.", param: "response_format.strict" }],
    [everything, { message: "thinking.mood: Extra inputs are not permitted" }],
    [{ reasoning: 1 }, { message: "Unknown parameter: reasoning" }],
  ];
  for (const [sent, error] of cases) {
    expect([error, learn(candidate, JSON.stringify(sent), refusal(error))]).toEqual([error, false]);
  }
  expect(habitsOf(candidate).size).toBe(0);
});

test("what one model refuses is remembered for it alone, not for others of its provider nor for other providers", () => {
  const candidate = candidateOf("openai-compatible");
  const other = { ...candidate, model: "another" };
  const error = { message: "No.", code: "unsupported_parameter", param: "max_tokens" };
  expect(learn(candidate, asking("Hi"), refusal(error))).toBe(true);
  expect([...habitsOf(candidate)]).toEqual(["max_completion_tokens"]);
  expect([habitsOf(other).size, habitsOf(candidateOf("openai-compatible")).size]).toEqual([0, 0]);
});

test.each([
  ["max_tokens", { message: statements[0] }],
  ["max_tokens", { message: "No.", code: "unsupported_parameter", param: "max_tokens" }],
  ["max_tokens", { message: "Please use 'max_completion_tokens' instead of 'max_tokens'." }],
  [
    "max_tokens",
    { message: "Provider returned error", metadata: { raw: JSON.stringify({ error: { message: statements[0] } }) } },
  ],
  ["max_tokens", { message: `litellm.BadRequestError: OpenAIException - ${statements[0]}` }],
  ["reasoning_effort", { message: statements[1] }],
  ["reasoning_effort", { message: "Argument not supported on this model: reasoning_effort" }],
  ["reasoning_effort", { message: "Model grok-4 does not support parameter reasoningEffort." }],
  ["stream_options", { message: statements[2] }],
  ["stream_options", { message: "gpt-4-0613 does not support parameters: ['stream_options']" }],
  ["thinking", { message: statements[3] }],
  ["thinking", { message: "'claude-3-5-haiku' does not support thinking." }],
  ["thinking.type.enabled", { message: '"thinking.type.enabled" is not supported for this model.' }],
  [
    "reasoning_content",
    {
      message:
        "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]",
    },
  ],
  ["messages.1.reasoning_content", { message: "Unknown parameter: 'messages[1].reasoning_content'." }],
  ["strict", { message: "Additional properties are not allowed ('strict' was unexpected) - 'tools.0.function'" }],
  ["tools.0.function.strict", { message: "body.tools[0].function.strict: Extra inputs are not permitted" }],
  ["strict", { message: statements[5] }],
])("the parameter %s is known from a server's own words: %o", (parameter, error) => {
  expect(refusedParameter(refusal(error), asking("Hi"))).toBe(parameter);
});

test("the parameter is known from the place in an error of FastAPI's", () => {
  const detail = [
    { type: "extra_forbidden", loc: ["body", "messages", 1, "assistant", "reasoning_content"], msg: "No" },
  ];
  expect(refusedParameter(Buffer.from(JSON.stringify({ detail })), asking("Hi"))).toBe(
    "messages.1.assistant.reasoning_content",
  );
});
