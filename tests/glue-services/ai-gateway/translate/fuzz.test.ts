import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../../../../glue-services/ai-gateway/schemas.ts";
import { CallError } from "../../../../glue-services/ai-gateway/wire/call-error.ts";
import { shapeOf } from "../../../../glue-services/ai-gateway/wire/shapes.ts";
import { type Random, randomOf } from "../random.ts";
import { asked, type Client, candidateOf, chunks, completion, pair, run, said } from "./pair.ts";

interface Call {
  id: string;
  name: string;
  text: string;
}

describe("generated answers and requests", () => {
  const shapes = (["messages", "responses"] as const).map((client) => ({
    client,
    ...pair(client, "openai-compatible", { stream: true }),
  }));

  test("10,000 streams of tool calls in any order and with any gaps are the calls that the model made", () => {
    for (let seed = 0; seed < 10_000; seed++) {
      const random = randomOf(seed);
      const calls = Array.from(
        { length: 1 + random.below(4) },
        (_, at): Call => ({
          id: `call_${at}${random.below(1000)}`,
          name: random.one(["read", "write", "search"]),
          text: random.one(["{}", '{"x":1}', '{"a":{"b":["}","{"]}}', '{"text":"ü 😀 \\n"}', '{"x":null}']),
        }),
      );
      const { client, shape } = shapes[seed % 2] as (typeof shapes)[0];
      const text = chunks(deltasOf(random, calls), random.one(["tool_calls", "stop", "function_call"]));
      const seen = said(client, run(shape.flow(), pieces(random, Buffer.from(text))).events);
      const expected = calls.map(({ name, text: given }) => [name, given]);
      const made = seen.calls.map(({ name, arguments: given }) => [name, given]);
      // Comparing texts first is what makes ten thousand cases quick.
      if (JSON.stringify(made) !== JSON.stringify(expected)) expect(made, `seed ${seed}`).toEqual(expected);
    }
  });

  const pairs: [Client, ProviderKind][] = [
    ["chat", "anthropic"],
    ["chat", "bedrock"],
    ["messages", "openai"],
    ["messages", "openai-compatible"],
    ["messages", "google"],
    ["messages", "bedrock"],
    ["responses", "openai-compatible"],
    ["responses", "anthropic"],
    ["responses", "bedrock"],
    ["responses", "google"],
  ];

  const candidates = new Map(pairs.map(([, kind]) => [kind, candidateOf(kind)]));

  test("10,000 requests are asked as they are with any of their fields null that were absent, over all pairs", () => {
    // Few requests differ without their nulls: each is asked once.
    const known = new Map<string, string>();
    for (let seed = 0; seed < 10_000; seed++) {
      const random = randomOf(seed);
      const [client, kind] = pairs[seed % pairs.length] as (typeof pairs)[0];
      const candidate = candidates.get(kind) as ReturnType<typeof candidateOf>;
      const body = requests[client](random);
      const same = `${client} ${kind} ${JSON.stringify(body)}`;
      const plain = known.get(same) ?? shapeOf(asked(client, body), candidate).body.toString();
      known.set(same, plain);
      const withNulls = shapeOf(asked(client, sprinkled(random, body) as object), candidate).body.toString();
      if (withNulls !== plain) expect(withNulls, `seed ${seed}`).toBe(plain);
    }
  });

  test("10,000 broken requests are refused as wrong or unsupported, and never a defect, over all pairs", () => {
    for (let seed = 0; seed < 10_000; seed++) {
      const random = randomOf(seed);
      const [client, kind] = pairs[seed % pairs.length] as (typeof pairs)[0];
      const body = broken(random, requests[client](random)) as object;
      try {
        shapeOf(asked(client, body), candidates.get(kind) as ReturnType<typeof candidateOf>);
      } catch (error) {
        if (!(error instanceof CallError)) throw new Error(`seed ${seed}: ${JSON.stringify(body)}`, { cause: error });
        if (error.status !== 400) expect(error.status, `seed ${seed}`).toBe(400);
      }
    }
  });

  test("10,000 broken answers are an answer or a failure with a text, and never an object shown as text", () => {
    for (let seed = 0; seed < 10_000; seed++) {
      const random = randomOf(seed);
      const { client, shape } = shapes[seed % 2] as (typeof shapes)[0];
      const message = {
        content: random.one(["Hi", null, [{ type: "text", text: "Hi" }]]),
        reasoning_content: "Hm",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      };
      const answer = broken(random, completion(message));
      let text = "";
      try {
        text = String(shape.whole(Buffer.from(JSON.stringify(answer))).body);
      } catch (error) {
        text = (error as Error).message;
      }
      if (text === "" || text.includes("[object")) expect(text, `seed ${seed} ${client}`).toBe("an answer");
    }
  });
});

/** The pieces of calls as a server may send them, each of which some server does. */
function deltasOf(random: Random, calls: readonly Call[]): object[] {
  const numbered = calls.length > 1 && random.chance(0.7);
  const interleaved = numbered && random.chance(0.6);
  const missing = () => random.one([{}, { id: "" }, { id: null }]);
  const queues = calls.map((call, index) => {
    const number = numbered || random.chance(0.5) ? { index } : {};
    const late = random.chance(0.3);
    const again = random.chance(0.2);
    const cuts = split(random, call.text);
    const first = random.chance(0.5) ? "" : (cuts.shift() ?? "");
    const head = {
      ...number,
      id: call.id,
      type: "function",
      function: late ? { arguments: first } : { name: call.name, arguments: first },
    };
    const named = late
      ? [{ ...number, ...missing(), function: { name: call.name, arguments: random.one(["", null]) } }]
      : [];
    const rest = cuts.map((text) => ({
      ...number,
      ...(again ? { id: call.id } : missing()),
      function: { ...(random.chance(0.2) && { name: random.one([null, ""]) }), arguments: text },
    }));
    return [head, ...named, ...rest];
  });
  const order: object[] = [];
  if (!interleaved) order.push(...queues.flat());
  // Heads come in the order of the calls; everything after them in any.
  for (const queue of interleaved ? queues : []) order.push(queue.shift() as object);
  while (interleaved && queues.some(({ length }) => length > 0)) {
    const queue = random.one(queues.filter(({ length }) => length > 0));
    order.push(queue.shift() as object);
  }
  return order.map((delta) => ({
    ...(random.chance(0.2) && { content: random.one([null, ""]) }),
    tool_calls: [delta],
  }));
}

function split(random: Random, text: string): string[] {
  const letters = [...text];
  const parts: string[] = [];
  while (letters.length > 0) parts.push(letters.splice(0, 1 + random.below(6)).join(""));
  return parts;
}

function pieces(random: Random, bytes: Buffer): Buffer[] {
  // Few of them in small pieces: every piece costs, and one in eight makes more than a thousand cut anywhere.
  const whole = bytes.length;
  const size = random.one([19, 251, whole, whole, whole, whole, whole, whole]);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

const schema = { type: "object", properties: { x: { type: "string" } } };
const requests: Record<Client, (random: Random) => object> = {
  chat: (random) => ({
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: random.one([
          "Hi",
          [
            { type: "text", text: "Hi" },
            { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } },
          ],
        ]),
      },
      {
        role: "assistant",
        content: "Look.",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: '{"x":"y"}' } }],
      },
      { role: "tool", tool_call_id: "a", content: "done" },
    ],
    tools: [{ type: "function", function: { name: "f", parameters: schema } }],
    ...(random.chance(0.5) && { temperature: 0.5, stop: ["END"], max_tokens: 5 }),
  }),
  messages: (random) => ({
    max_tokens: 9,
    system: random.one(["Be brief.", [{ type: "text", text: "Be brief." }]]),
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Hi" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "s" },
          { type: "tool_use", id: "a", name: "f", input: { x: null } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: random.one(["done", [{ type: "text", text: "done" }]]) },
        ],
      },
    ],
    tools: [{ name: "f", input_schema: schema }],
    ...(random.chance(0.5) && { temperature: 0.5, stop_sequences: ["END"], tool_choice: { type: "auto" } }),
  }),
  responses: (random) => ({
    instructions: "Be brief.",
    input: [
      { role: "user", content: random.one(["Hi", [{ type: "input_text", text: "Hi" }]]) },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] },
      { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "a", output: "done" },
    ],
    tools: [{ type: "function", name: "f", parameters: schema }],
    ...(random.chance(0.5) && { temperature: 0.5, max_output_tokens: 5, text: { format: { type: "text" } } }),
  }),
};

const optional = [
  "cache_control",
  "name",
  "detail",
  "strict",
  "description",
  "user",
  "top_p",
  "tool_choice",
  "reasoning",
  "thinking",
  "citations",
  "is_error",
  "refusal",
  "annotations",
  "audio",
  "function_call",
  "status",
  "metadata",
  "encrypted_content",
  "logprobs",
];
const own = new Set(["parameters", "input_schema", "input", "schema"]);

/** The same with fields that are null, as clients send them that know every field. */
function sprinkled(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => sprinkled(random, one));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    own.has(name) && !Array.isArray(field) ? field : sprinkled(random, field),
  ]);
  // A few of them, rather than a choice for each.
  const nulls = Array.from({ length: 6 }, () => random.one(optional)).filter((name) => !(name in value));
  return Object.fromEntries([...fields, ...nulls.map((name) => [name, null])]);
}

/** The same with one value in it that has no business there. */
function broken(random: Random, value: unknown): unknown {
  const wrong = random.one<unknown>([
    null,
    7,
    "text",
    true,
    [],
    {},
    [null],
    [[]],
    { type: 7 },
    { type: null },
    -1,
    { a: { b: null } },
  ]);
  if (typeof value !== "object" || value === null || random.chance(0.1)) return wrong;
  if (Array.isArray(value)) {
    if (value.length === 0) return [wrong];
    const at = random.below(value.length);
    return value.map((one, number) => (number === at ? broken(random, one) : one));
  }
  const at = random.one(Object.keys(value));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, name === at ? broken(random, field) : field]),
  );
}
