import { describe, expect, onTestFinished, test, vi } from "vitest";
import { seeded } from "../../seeded.ts";
import { holdTimers } from "../held-timers.ts";
import { provider, question, startGateway } from "./gateway.ts";
import {
  cutsAfter,
  deltas,
  event,
  garbage,
  refuses,
  says,
  stallsAfter,
  startUpstream,
  stop,
  streams,
} from "./upstream.ts";

async function two(options: object = { retries: 0 }) {
  const [first, second] = [await startUpstream(), await startUpstream(says("from the second"))];
  const rig = await startGateway({
    providers: [provider(first.url, { name: "first" }), provider(second.url, { name: "second" })],
  });
  await rig.ask("PUT", "/routes/both", {
    targets: [{ model: "first/a" }, { model: "second/b", group: 1 }],
    options,
  });
  const key = await rig.key();
  const whole = () => rig.post(key, "/chat/completions", { model: "both", messages: question });
  const stream = async (parts: string[] = []) => {
    const answer = await rig.openai(key).chat.completions.create({ model: "both", messages: question, stream: true });
    for await (const chunk of answer) parts.push(chunk.choices[0]?.delta.content ?? "");
    return parts.join("");
  };
  return { first, second, rig, key, whole, stream };
}

describe("what providers do wrong", () => {
  test("a stream that is cut in the middle ends as an error for the client, never as a clean stop (Portkey #1797)", async () => {
    const { first, stream, rig } = await two();
    first.does(cutsAfter(...deltas("half an answer")));
    await expect(stream()).rejects.toThrow("stopped in the middle");
    expect(await rig.usage(1)).toMatchObject([{ status: "cut", provider: "first" }]);
  });

  test("a stream that ends politely but without its end is a cut one (Bifrost #5665)", async () => {
    const { first, stream } = await two();
    first.does(streams(...deltas("half an answer")));
    await expect(stream()).rejects.toThrow("stopped in the middle");
  });

  test("a stream that is cut before the first word is answered by the next provider, unseen (LiteLLM #40404)", async () => {
    const { first, stream, rig } = await two();
    first.does(cutsAfter(deltas("x")[0] ?? ""));
    expect(await stream()).toBe("from the second");
    expect((await rig.usage(2)).map(({ provider: name, status }) => [name, status])).toEqual([
      ["first", "failed"],
      ["second", "ok"],
    ]);
  });

  test("an error that a provider sends as its first event leads to the next provider", async () => {
    const { first, stream } = await two();
    first.does(streams(event({ error: { message: "overloaded", code: 529 } })));
    expect(await stream()).toBe("from the second");
  });

  test("one malformed line of a stream does not kill the request (LiteLLM #40404)", async () => {
    const { first, stream } = await two();
    const [role = "", ...words] = deltas("all is well");
    first.does(streams(role, "data: {broken\n\n", "nonsense\n\n", ...words, stop(), "data: [DONE]\n\n"));
    expect(await stream()).toBe("all is well");
  });

  test("events that arrive in pieces of a few bytes, with carriage returns, are whole for the client", async () => {
    const { first, stream } = await two();
    first.does(async (_got, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const text = [...deltas("in pieces: é ✓"), stop(), "data: [DONE]\n\n"].join("").replaceAll("\n", "\r\n");
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect(await stream()).toBe("in pieces: é ✓");
  });

  test("a stream that stalls before the first word is answered by the next provider", async () => {
    const stalls = holdTimers(61_000);
    const { first, stream } = await two({ retries: 0, stallMs: 61_000 });
    first.does(stallsAfter());
    const answer = stream();
    await expect.poll(() => stalls.waiting).toBe(1);
    stalls.goOff();
    expect(await answer).toBe("from the second");
  });

  test("a stream that stalls in the middle ends as an error, and the provider's connection is closed", async () => {
    const stalls = holdTimers(61_000);
    const { first, stream } = await two({ retries: 0, stallMs: 61_000 });
    first.does(stallsAfter(...deltas("one two")));
    const parts: string[] = [];
    const ended = expect(stream(parts)).rejects.toThrow("sent nothing more");
    await expect.poll(() => parts.join("")).toBe("one two");
    stalls.goOff();
    await ended;
    await expect.poll(() => first.open).toBe(0);
  });

  test("a provider that never answers is given up after its time", async () => {
    const silences = holdTimers(62_000);
    const { first, whole } = await two({ retries: 0, firstByteMs: 62_000 });
    first.does(() => {});
    const answer = whole();
    await expect.poll(() => first.got).toHaveLength(1);
    silences.goOff();
    expect((await answer).body.choices[0].message.content).toBe("from the second");
  });

  test("an answer that is no JSON is a failure, and the next provider answers", async () => {
    const { first, whole } = await two();
    for (const text of ["<html>", '{"half": ', "", "[]"]) {
      first.next(garbage(text));
      expect((await whole()).body.choices[0].message.content).toBe("from the second");
    }
  });

  test("a rate limit is tried again after a pause, and then passed to the next provider", async () => {
    const { first, whole } = await two({ retries: 1 });
    first.next(refuses(429, "slow down"));
    expect((await whole()).body.choices[0].message.content).toBe("Hello from the mock.");
    first.does(refuses(429, "slow down"));
    expect((await whole()).body.choices[0].message.content).toBe("from the second");
  });

  test("a rate limit of the only provider reaches the client with its time", async () => {
    const upstream = await startUpstream(refuses(429, "slow down", { "retry-after": "1" }));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const answer = await rig.post(await rig.key(), "/chat/completions", { model: "mock/x", messages: question });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(upstream.got).toHaveLength(2);
  });

  test("a question that is wrong is not asked of anybody else", async () => {
    const { first, second, whole } = await two();
    first.does(refuses(400, "temperature is too high", {}, "invalid_value"));
    const { status, body } = await whole();
    expect([status, body.error.code, body.error.message]).toEqual([400, "invalid_value", "temperature is too high"]);
    expect(second.got).toHaveLength(0);
  });

  test("a question too long for one model goes to one with a larger window", async () => {
    const { first, whole } = await two();
    first.does(refuses(400, "This model's maximum context length is 10 tokens", {}, "context_length_exceeded"));
    expect((await whole()).body.choices[0].message.content).toBe("from the second");
  });

  test("a provider that refuses the gateway's key is no fault of the client's key", async () => {
    const upstream = await startUpstream(refuses(401, "Incorrect API key provided: sk-…"));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const { status, body } = await rig.post(await rig.key(), "/chat/completions", {
      model: "mock/x",
      messages: question,
    });
    expect([status, body.error.code]).toEqual([502, "provider_refused_key"]);
    expect(JSON.stringify(body)).not.toContain("sk-");
  });

  test("a provider that fails again and again is left alone for a while", async () => {
    const { first, whole } = await two();
    first.does(refuses(503));
    for (let i = 0; i < 8; i++) expect((await whole()).status).toBe(200);
    expect(first.got).toHaveLength(5);
  });

  test("when a client goes away its provider's stream is ended, and what was streamed is metered", async () => {
    const { first, rig, key } = await two();
    first.does(stallsAfter(...deltas("one two three")));
    const leaving = new AbortController();
    const answer = await rig
      .openai(key)
      .chat.completions.create({ model: "both", messages: question, stream: true }, { signal: leaving.signal });
    for await (const chunk of answer) if (chunk.choices[0]?.delta.content === "three") leaving.abort();
    await expect.poll(() => first.open).toBe(0);
    expect(await rig.usage(1)).toMatchObject([{ status: "cancelled", output_tokens: "3", estimated: true }]);
  });

  test("a stream falls back for a key that may use only the route, as the route says and not otherwise (LiteLLM #25843)", async () => {
    const { first, rig } = await two();
    const limited = await rig.key({ models: ["both"] });
    first.does(refuses(500));
    const body = { model: "both", messages: question, stream: true };
    expect((await rig.post(limited, "/chat/completions", body)).body).toContain("second");
    const { status, body: said } = await rig.post(limited, "/chat/completions", { ...body, model: "second/b" });
    expect([status, said.error.code]).toEqual([403, "model_not_allowed"]);
  });
});

describe("a route that goes on after a cut", () => {
  test("another model goes on where a stream was cut, and the client sees one answer", async () => {
    const { first, second, stream, rig } = await two({ retries: 0, cut: "continue" });
    first.does(cutsAfter(...deltas("Once upon ")));
    second.does(says("a time."));
    expect(await stream()).toBe("Once upon a time.");
    expect(second.got[0]?.body.messages).toEqual([
      ...question,
      { role: "assistant", content: "Once upon " },
      { role: "user", content: expect.stringContaining("Go on exactly where it ends") },
    ]);
    expect((await rig.usage(2)).map(({ status }) => status)).toEqual(["cut", "ok"]);
  });

  test("when nobody can go on the stream ends as an error", async () => {
    const { first, second, stream } = await two({ retries: 0, cut: "continue" });
    first.does(cutsAfter(...deltas("Once upon ")));
    second.does(refuses(500));
    await expect(stream()).rejects.toThrow("answered 500");
  });

  test("a cut tool call is an error: half of it cannot be gone on with", async () => {
    const { first, second, rig, key } = await two({ retries: 0, cut: "continue" });
    const call = { index: 0, id: "1", type: "function", function: { name: "f", arguments: '{"half' } };
    first.does(cutsAfter(event({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] })));
    const { body } = await rig.post(key, "/chat/completions", { model: "both", messages: question, stream: true });
    expect(body).toContain("stream_cut");
    expect(second.got).toHaveLength(0);
  });
});

test("a stream that guardrails hold and that is cut is answered by the next provider, unseen", async () => {
  const { first, rig, stream } = await two();
  await rig.ask("PUT", "/policy", { guards: { pii: "redact" } });
  first.does(cutsAfter(...deltas("half an answer")));
  expect(await stream()).toBe("from the second");
  expect((await rig.usage(2)).map(({ status }) => status)).toEqual(["cut", "ok"]);
});

test("weights share calls out between models of one group", async () => {
  const [first, second] = [await startUpstream(), await startUpstream()];
  const rig = await startGateway({
    providers: [provider(first.url, { name: "first" }), provider(second.url, { name: "second" })],
  });
  await rig.ask("PUT", "/routes/shared", { targets: [{ model: "first/a", weight: 3 }, { model: "second/b" }] });
  const key = await rig.key();
  const chance = vi.spyOn(Math, "random").mockImplementation(seeded(1));
  onTestFinished(() => chance.mockRestore());
  await Promise.all(
    Array.from({ length: 200 }, () => rig.post(key, "/chat/completions", { model: "shared", messages: question })),
  );
  // Three to one of 200 chances that are the same in every run.
  expect(first.got.length).toBeGreaterThan(110);
  expect(first.got.length).toBeLessThan(190);
  expect(first.got.length + second.got.length).toBe(200);
});
