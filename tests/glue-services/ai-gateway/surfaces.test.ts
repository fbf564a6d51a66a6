import { toFile } from "openai";
import { describe, expect, test } from "vitest";
import { outgoingOf } from "../../../glue-services/ai-gateway/call/outgoing.ts";
import { providerFrom } from "../../../glue-services/ai-gateway/providers/provider.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { event, json, says, startUpstream, streams } from "./upstream.ts";

async function start(given: object = {}, path = "/v1") {
  const upstream = await startUpstream();
  const baseUrl = upstream.url.replace(/\/v1$/, path);
  const rig = await startGateway({ providers: [provider(baseUrl, given)] });
  const key = await rig.key();
  return { upstream, rig, key, client: rig.openai(key) };
}

describe("what passes through as it is", () => {
  test("sound to be written down is sent as a form, with the provider's own name of the model in it", async () => {
    const { upstream, client, rig } = await start();
    upstream.does((_got, response) => json(response, 200, { text: "Hello." }));
    const file = await toFile(Buffer.from([0, 1, 2, 255, 13, 10, 13, 10, 45, 45]), "speech.wav");
    const { text } = await client.audio.transcriptions.create({ model: "mock/whisper-1", file, language: "en" });
    expect(text).toBe("Hello.");
    const [got] = upstream.got;
    expect(got?.path).toBe("/v1/audio/transcriptions");
    expect(got?.headers["content-type"]).toMatch(/^multipart\/form-data; ?boundary=/);
    expect(got?.text).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/);
    expect(got?.bytes.includes(Buffer.from([0, 1, 2, 255, 13, 10, 13, 10, 45, 45]))).toBe(true);
    expect(await rig.usage(1)).toMatchObject([{ surface: "audio", model: "whisper-1", status: "ok" }]);
  });

  test("speech comes back as the bytes it is", async () => {
    const { upstream, client } = await start();
    const sound = Buffer.from([255, 251, 144, 0, 0, 10]);
    upstream.does((_got, response) => {
      response.writeHead(200, { "content-type": "audio/mpeg" });
      response.end(sound);
    });
    const answer = await client.audio.speech.create({ model: "mock/tts", voice: "alloy", input: "Hello" });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(sound);
  });

  test("images are made and moderations given, and both count against budgets (Bifrost #2873)", async () => {
    const { upstream, client, rig } = await start();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 2, period: "day" });
    upstream.does((got, response) =>
      json(
        response,
        200,
        got.path.endsWith("moderations")
          ? { id: "1", results: [{ flagged: false }] }
          : { created: 1, data: [{ b64_json: "aGk=" }] },
      ),
    );
    const image = await client.images.generate({ model: "mock/gpt-image-1", prompt: "A lantern" });
    expect(image.data?.[0]?.b64_json).toBe("aGk=");
    const moderation = await client.moderations.create({ model: "mock/omni-moderation-latest", input: "Hello" });
    expect(moderation.results[0]?.flagged).toBe(false);
    await expect(client.moderations.create({ model: "mock/omni-moderation-latest", input: "Hello" })).rejects.toThrow(
      "used up",
    );
  });

  test("pictures, sound and tools in a chat reach a server of OpenAI's API unchanged, with a word that no stream is wanted", async () => {
    const { upstream, client } = await start();
    const content = [
      { type: "text" as const, text: "What is it?" },
      { type: "image_url" as const, image_url: { url: "data:image/png;base64,aGk=", detail: "low" as const } },
      { type: "input_audio" as const, input_audio: { data: "aGk=", format: "wav" as const } },
    ];
    const more = {
      tools: [{ type: "function" as const, function: { name: "f", strict: true, parameters: { type: "object" } } }],
      response_format: { type: "json_schema" as const, json_schema: { name: "x", schema: { type: "object" } } },
      logit_bias: { "1": 2 },
    };
    await client.chat.completions.create({ model: "mock/m", messages: [{ role: "user", content }], ...more });
    expect(upstream.got[0]?.body).toEqual({
      model: "m",
      messages: [{ role: "user", content }],
      ...more,
      stream: false,
    });
  });

  test("batches and files are a clear 501", async () => {
    const { client } = await start();
    const wrong = await client.batches.list().catch((error: { status: number; message: string }) => error);
    expect(wrong).toMatchObject({ status: 501, message: expect.stringContaining("one by one") });
  });
});

describe("Azure", () => {
  test("by its older API a model is a deployment in the address, with a version and a key of its own", async () => {
    const { upstream, client } = await start({ kind: "openai" }, "?api-version=2024-10-21");
    await client.chat.completions.create({ model: "mock/gpt-4o-eu", messages: question });
    const [got] = upstream.got;
    expect(got?.path).toBe("/openai/deployments/gpt-4o-eu/chat/completions?api-version=2024-10-21");
    expect([got?.headers["api-key"], got?.headers.authorization]).toEqual(["value-of-MOCK_KEY", undefined]);
    const response = await client.responses.create({ model: "mock/gpt-4o-eu", input: "Hello" });
    expect(response.output_text).toBe("Hello from the mock.");
  });

  test("by its v1 API the deployment is the model of the body, for chats, responses and embeddings alike", async () => {
    const shape = (path: string, baseUrl: string) => {
      const azure = providerFrom(
        { name: "azure", kind: "openai", baseUrl, key: "K" },
        { organisation: undefined, internal: false },
      );
      return outgoingOf(
        azure,
        { path, body: "{}", headers: {} } as Parameters<typeof outgoingOf>[1],
        "gpt-5",
        "secret",
      );
    };
    for (const base of ["https://eu.openai.azure.com/openai/v1", "https://eu.openai.azure.com/openai/v1/"]) {
      expect(await shape("/chat/completions", base)).toEqual({
        path: "/openai/v1/chat/completions",
        body: "{}",
        headers: { "api-key": "secret" },
      });
    }
    // A version of the v1 API (`preview`) is passed on, and makes it no older API.
    expect((await shape("/responses", "https://eu.openai.azure.com/openai/v1?api-version=preview")).path).toBe(
      "/openai/v1/responses?api-version=preview",
    );
    // With a server that answers: all of it by the same path, and responses by Azure's own.
    const { upstream, client } = await start({ kind: "openai" }, "/openai/v1?api-version=preview");
    await client.chat.completions.create({ model: "mock/gpt-5", messages: question });
    await client.embeddings.create({ model: "mock/text-embedding-3-small", input: "text" });
    expect(upstream.got.map(({ path, body, headers }) => [path, body.model, headers["api-key"]])).toEqual([
      ["/openai/v1/chat/completions?api-version=preview", "gpt-5", "value-of-MOCK_KEY"],
      ["/openai/v1/embeddings?api-version=preview", "text-embedding-3-small", "value-of-MOCK_KEY"],
    ]);
  });
});

describe("Google", () => {
  test("is asked by its endpoint for OpenAI's clients, whole, streamed, and for embeddings", async () => {
    const { upstream, client } = await start({ kind: "google" }, "/v1beta/openai");
    await client.chat.completions.create({ model: "mock/gemini-2.5-pro", messages: question });
    const vectors = await client.embeddings.create({ model: "mock/gemini-embedding-001", input: "text" });
    expect(vectors.data[0]?.embedding).toHaveLength(4);
    expect(upstream.got.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/v1beta/openai/chat/completions", "Bearer value-of-MOCK_KEY"],
      ["/v1beta/openai/embeddings", "Bearer value-of-MOCK_KEY"],
    ]);
  });

  test("its streamed tool calls, which have no number, are two calls for a client of another API", async () => {
    const { upstream, rig, key } = await start({ kind: "google" }, "/v1beta/openai");
    const call = (id: string, name: string) => ({ id, type: "function", function: { name, arguments: '{"a":1}' } });
    upstream.does(
      streams(
        event({ choices: [{ index: 0, delta: { tool_calls: [call("1", "first")] }, finish_reason: null }] }),
        event({ choices: [{ index: 0, delta: { tool_calls: [call("2", "second")] }, finish_reason: "tool_calls" }] }),
        "data: [DONE]\n\n",
      ),
    );
    const { body } = await rig.post(key, "/messages", {
      model: "mock/gemini-2.5-pro",
      max_tokens: 9,
      messages: question,
      stream: true,
    });
    expect(body.match(/"name":"(\w+)"/g)).toEqual(['"name":"first"', '"name":"second"']);
    expect(body).toContain('"stop_reason":"tool_use"');
  });
});

describe("what a provider's API has no room for", () => {
  const pdf = { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" } };
  const sound = { type: "input_audio", input_audio: { data: "aGk=", format: "wav" } };
  const said = (part: object) => ({ messages: [{ role: "user", content: [{ type: "text", text: "Read." }, part] }] });
  const message = {
    id: "1",
    model: "m",
    content: [{ type: "text", text: "Read." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  };

  test("a document becomes Anthropic's, and sound is refused rather than left out", async () => {
    const { upstream, rig, key } = await start({ kind: "anthropic" });
    upstream.does((_got, response) => json(response, 200, message));
    expect((await rig.post(key, "/chat/completions", { model: "mock/claude-x", ...said(pdf) })).status).toBe(200);
    expect(upstream.got[0]?.body.messages).toMatchObject([
      { content: [{ type: "text" }, { type: "document", source: { media_type: "application/pdf", data: "aGk=" } }] },
    ]);
    const { status, body } = await rig.post(key, "/chat/completions", { model: "mock/claude-x", ...said(sound) });
    expect([status, body.error.code]).toEqual([400, "not_supported"]);
    expect(upstream.got).toHaveLength(1);
  });

  test("a model that can take it is asked in its place where the route has one", async () => {
    const [first, second] = [await startUpstream(), await startUpstream(says("Heard."))];
    const rig = await startGateway({
      providers: [provider(first.url, { name: "first", kind: "anthropic" }), provider(second.url, { name: "second" })],
    });
    await rig.ask("PUT", "/routes/both", { targets: [{ model: "first/a" }, { model: "second/b", group: 1 }] });
    const { body } = await rig.post(await rig.key(), "/chat/completions", { model: "both", ...said(sound) });
    expect(body.choices[0].message.content).toBe("Heard.");
    expect(first.got).toHaveLength(0);
  });

  test("an answer of a given form is asked of Bedrock by a tool, and looks like a text", async () => {
    const { upstream, rig, key } = await start({ kind: "bedrock" }, "");
    const toolUse = { toolUseId: "1", name: "answer", input: { n: 1 } };
    upstream.does((_got, response) =>
      json(response, 200, {
        output: { message: { content: [{ toolUse }] } },
        stopReason: "tool_use",
        usage: { inputTokens: 1, outputTokens: 2 },
      }),
    );
    const { body } = await rig.post(key, "/chat/completions", {
      model: "mock/anthropic.claude-x",
      messages: question,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } },
    });
    expect(body.choices[0]).toMatchObject({ message: { content: '{"n":1}' }, finish_reason: "stop" });
    expect(upstream.got[0]?.body.toolConfig).toMatchObject({ toolChoice: { tool: { name: "answer" } } });
  });
});
