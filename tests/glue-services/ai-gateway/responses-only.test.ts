import Anthropic from "@anthropic-ai/sdk";
import { expect, it } from "vitest";
import { provider, question, type Rig, startGateway } from "./gateway.ts";
import { type Answer, startUpstream, type Upstream } from "./upstream.ts";

const png = "data:image/png;base64,iVBORw0KGgo=";
const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "weather", arguments: '{"city":"Bern"}' };
const thought = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Let me look." }] };
const said = { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "It rains." }] };
const usage = { input_tokens: 11, output_tokens: 7, total_tokens: 18, input_tokens_details: { cached_tokens: 3 } };
const whole = {
  ...{ id: "resp_1", object: "response", status: "completed", model: "codex", error: null },
  ...{ output: [thought, said, call], usage },
};

const events: object[] = [
  { type: "response.created", response: { ...whole, status: "in_progress", output: [] } },
  { type: "response.output_item.added", output_index: 0, item: { ...thought, summary: [] } },
  { type: "response.reasoning_summary_text.delta", output_index: 0, delta: "Let me " },
  { type: "response.reasoning_summary_text.delta", output_index: 0, delta: "look." },
  { type: "response.output_item.done", output_index: 0, item: thought },
  { type: "response.output_text.delta", output_index: 1, delta: "It " },
  { type: "response.output_text.delta", output_index: 1, delta: "rains." },
  { type: "response.output_item.added", output_index: 2, item: { ...call, arguments: "" } },
  { type: "response.function_call_arguments.delta", output_index: 2, delta: '{"city":' },
  { type: "response.function_call_arguments.delta", output_index: 2, delta: '"Bern"}' },
  { type: "response.output_item.done", output_index: 2, item: call },
  { type: "response.completed", response: whole },
];

const refusals = {
  "OpenAI's": [
    404,
    {
      error: {
        message: "This model is only supported in v1/responses and not in v1/chat/completions.",
        ...{ type: "invalid_request_error", param: "model", code: null },
      },
    },
  ],
  "a server's without the address": [404, { detail: "Not Found" }],
  "a gateway's": [
    400,
    { error: { message: "model codex is not accessible via this endpoint", code: "unsupported_api_for_model" } },
  ],
} as const;

/** A provider that has the Responses API and no other. */
function only(refusal: readonly [number, object] = refusals["OpenAI's"]): Answer {
  return ({ path, body }, response) => {
    const [status, error] = refusal;
    if (!path.endsWith("/responses")) {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(error));
    } else if (body.stream === true) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
      response.end();
    } else {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(whole));
    }
  };
}

async function withProvider(answer: Answer, more: object = {}): Promise<{ rig: Rig; key: string; upstream: Upstream }> {
  const upstream = await startUpstream(answer);
  const rig = await startGateway({ providers: [provider(upstream.url, more)] });
  return { rig, key: await rig.key(), upstream };
}

const tools = [
  {
    type: "function" as const,
    function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];
const history = [
  { role: "system" as const, content: "Be brief." },
  {
    role: "user" as const,
    content: [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url: png, detail: "low" as const } },
    ],
  },
  {
    role: "assistant" as const,
    content: "One moment.",
    tool_calls: [{ id: "call_0", type: "function" as const, function: { name: "weather", arguments: "{}" } }],
  },
  { role: "tool" as const, tool_call_id: "call_0", content: "Rain." },
  { role: "user" as const, content: "And now?" },
];

for (const [whose, refusal] of Object.entries(refusals)) {
  it(`a model without chat completions, by ${whose} words, is asked by its Responses API for a client of chats, and from then on at once`, async () => {
    const { rig, key, upstream } = await withProvider(only(refusal));
    const client = rig.openai(key);
    const body = { model: "mock/codex", messages: history, tools, reasoning_effort: "low" as const };
    const answer = await client.chat.completions.create({ ...body, max_tokens: 100 });
    const [choice] = answer.choices;
    expect(choice?.message).toMatchObject({
      ...{ content: "It rains.", reasoning_content: "Let me look." },
      tool_calls: [{ id: "call_1", function: { name: "weather", arguments: '{"city":"Bern"}' } }],
    });
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(answer.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
    expect(upstream.got.map(({ path }) => path)).toEqual(["/v1/chat/completions", "/v1/responses"]);
    expect(upstream.got[1]?.body).toEqual({
      ...{ model: "codex", stream: false, store: false, max_output_tokens: 100, reasoning: { effort: "low" } },
      input: [
        { type: "message", role: "system", content: "Be brief." },
        {
          ...{ type: "message", role: "user" },
          content: [
            { type: "input_text", text: "What is this?" },
            { type: "input_image", image_url: png, detail: "low" },
          ],
        },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "One moment." }] },
        { type: "function_call", call_id: "call_0", name: "weather", arguments: "{}" },
        { type: "function_call_output", call_id: "call_0", output: "Rain." },
        { type: "message", role: "user", content: [{ type: "input_text", text: "And now?" }] },
      ],
      tools: [{ type: "function", name: "weather", parameters: tools[0]?.function.parameters, strict: false }],
    });
    const stream = await client.chat.completions.create({
      ...{ ...body, stream: true, stream_options: { include_usage: true } },
    });
    let [text, thinking, given, finish, tokens] = ["", "", "", "", 0];
    for await (const { choices, usage: counted } of stream) {
      const delta = choices[0]?.delta as { reasoning_content?: string } & NonNullable<(typeof choices)[0]>["delta"];
      text += delta?.content ?? "";
      thinking += delta?.reasoning_content ?? "";
      given += delta?.tool_calls?.[0]?.function?.arguments ?? "";
      finish = choices[0]?.finish_reason ?? finish;
      tokens = counted?.completion_tokens ?? tokens;
    }
    expect([text, thinking, given, finish, tokens]).toEqual([
      ...["It rains.", "Let me look.", '{"city":"Bern"}', "tool_calls", 7],
    ]);
    expect(upstream.got.slice(2).map(({ path }) => path)).toEqual(["/v1/responses"]);
  });
}

it("clients of Anthropic's messages and of responses use a model without chat completions too", async () => {
  const { rig, key } = await withProvider(only(), { kind: "openai" });
  const client = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
  const answer = await client.messages.create({ model: "mock/codex", max_tokens: 100, messages: question });
  expect(answer.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
  expect(answer.stop_reason).toBe("tool_use");
  const stream = await rig.openai(key).responses.create({ model: "mock/codex", input: "Hello", stream: true });
  let text = "";
  for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
  expect(text).toBe("It rains.");
});

it("what the Responses API has no field for is refused by its name; a form of the answer is passed on", async () => {
  const { rig, key, upstream } = await withProvider(only());
  const json_schema = { name: "weather", schema: { type: "object", properties: {} }, strict: true };
  const form = { type: "json_schema", json_schema };
  const body = { model: "mock/codex", messages: question };
  expect((await rig.post(key, "/chat/completions", { ...body, response_format: form })).status).toBe(200);
  expect(upstream.got.at(-1)?.body.text).toEqual({ format: { type: "json_schema", ...json_schema } });
  for (const more of [{ stop: ["END"] }, { top_k: 4 }, { logit_bias: { 5: 1 } }, { n: 2 }, { logprobs: true }]) {
    const { status, body: answer } = await rig.post(key, "/chat/completions", { ...body, ...more });
    const [name] = Object.keys(more);
    expect([name, status, answer.error?.code]).toEqual([name, 400, "not_supported"]);
    expect(answer.error.param).toBe(name);
  }
});

it("an address that is wrong for both of OpenAI's APIs is told as the server said it first, whatever was asked", async () => {
  const { rig, key, upstream } = await withProvider((_got, response) => {
    response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not Found"}');
  });
  for (const more of [{}, { stop: ["END"] }]) {
    const { status, body } = await rig.post(key, "/chat/completions", { model: "mock/m", messages: question, ...more });
    expect([status, JSON.stringify(body)]).toEqual([404, expect.stringContaining("Not Found")]);
  }
  expect(upstream.got[0]?.path).toBe("/v1/chat/completions");
});

it("an answer of the Responses API that says that it failed is no empty answer", async () => {
  const failed = { ...whole, status: "failed", output: [], error: { code: "server_error", message: "Out of memory." } };
  const { rig, key } = await withProvider(({ path }, response) => {
    if (!path.endsWith("/responses")) return only()({ path } as never, response);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(failed));
  });
  const { status, body } = await rig.post(key, "/chat/completions", { model: "mock/codex", messages: question });
  expect([status, JSON.stringify(body)]).toEqual([502, expect.stringContaining("Out of memory.")]);
}, 30_000);
