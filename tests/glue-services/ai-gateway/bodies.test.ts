import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { json, startUpstream } from "./upstream.ts";

// How clients send their requests in the field, and not in the documentation.

const body = JSON.stringify({ model: "mock/m", messages: question });

async function start() {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const key = await rig.key();
  const send = async (path: string, init: RequestInit & { headers?: Record<string, string> }) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", ...init.headers };
    const answer = await fetch(`${rig.url}/v1${path}`, { method: "POST", ...init, headers });
    const text = await answer.text();
    return { status: answer.status, error: JSON.parse(text).error, text };
  };
  return { upstream, rig, key, send };
}

test("JSON is read under any name of its type, also as the form that curl takes it for, and anything else is told what is wanted", async () => {
  const { send, upstream } = await start();
  const types = [
    ...["application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"],
    ...["application/vnd.api+json"],
  ];
  for (const type of types) {
    const sent = Buffer.from(` \n${body}`);
    expect([type, (await send("/chat/completions", { headers: { "content-type": type }, body: sent })).status]).toEqual(
      [type, 200],
    );
  }
  expect(upstream.got.map(({ headers }) => headers["content-type"]?.split(";")[0])).toEqual(
    types.map(() => "application/json"),
  );
  for (const sent of ["model=mock%2Fm&messages=Hi", "hello", "<xml/>", " "]) {
    const { status, error } = await send("/chat/completions", {
      headers: { "content-type": "text/plain" },
      body: sent,
    });
    expect([status, error]).toMatchObject([
      415,
      { code: "unsupported_type", message: expect.stringContaining("application/json") },
    ]);
  }
  const none = await send("/chat/completions", { headers: { "content-type": "" }, body });
  expect([none.status, none.error.message]).toEqual([415, expect.stringContaining("application/json")]);
  const anthropic = await send("/messages", { headers: { "content-type": "text/xml" }, body: "<xml/>" });
  expect([anthropic.status, JSON.parse(anthropic.text).type]).toEqual([415, "error"]);
});

test("a body that its client packed is read, and one that unpacks to more than a request may have is refused without being unpacked", async () => {
  const { send } = await start();
  const packed = {
    gzip: gzipSync,
    "x-gzip": gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
  };
  for (const [coding, pack] of Object.entries(packed)) {
    const ask = (content: Buffer) =>
      send("/chat/completions", { headers: { "content-encoding": coding }, body: content as BodyInit });
    expect([coding, (await ask(pack(body))).status]).toEqual([coding, 200]);
    expect([coding, (await ask(Buffer.from(body))).status]).toEqual([coding, 400]);
    const bomb = pack(Buffer.alloc(40 * 1024 * 1024, 32));
    expect([coding, bomb.length < 1_000_000, (await ask(bomb)).status]).toEqual([coding, true, 413]);
  }
  const unknown = await send("/chat/completions", { headers: { "content-encoding": "snappy" }, body });
  expect([unknown.status, unknown.error.message]).toEqual([415, expect.stringContaining("snappy")]);
  expect((await send("/chat/completions", { headers: { "content-encoding": "identity" }, body })).status).toBe(200);
});

test("a client that is still sending too much is told so, and not cut off", async () => {
  const { rig, key } = await start();
  const client = rig.openai(key);
  const long = [{ role: "user" as const, content: "x".repeat(34 * 1024 * 1024) }];
  for (let at = 0; at < 3; at++) {
    await expect(client.chat.completions.create({ model: "mock/m", messages: long })).rejects.toMatchObject({
      ...{ status: 413, code: "request_too_large" },
    });
  }
  expect((await client.chat.completions.create({ model: "mock/m", messages: question })).choices).toHaveLength(1);
});

test("a key is taken from the header of Azure's clients too, and an address with /v1 twice says what to leave out", async () => {
  const { rig, key } = await start();
  const headers = { "api-key": key, "content-type": "application/json" };
  const azure = await fetch(`${rig.url}/v1/chat/completions`, { method: "POST", headers, body });
  expect(azure.status).toBe(200);
  const wrong = await fetch(`${rig.url}/v1/chat/completions`, {
    method: "POST",
    headers: { ...headers, "api-key": "dfv_x" },
    body,
  });
  expect(wrong.status).toBe(401);
  const twice = await fetch(`${rig.url}/v1/v1/messages`, {
    method: "POST",
    headers: { ...headers, "x-api-key": key },
    body,
  });
  expect([twice.status, await twice.json()]).toMatchObject([
    404,
    { type: "error", error: { message: expect.stringContaining("leave it out of its base URL") } },
  ]);
});

test("a client of Anthropic's threads goes on without one where the provider keeps none, and is told Anthropic's own words where it does", async () => {
  const refusal = { type: "invalid_request_error", message: "lost", details: { error_code: "thread_not_found" } };
  const upstream = await startUpstream((_got, response) => json(response, 400, { type: "error", error: refusal }));
  const rig = await startGateway({
    providers: [provider(upstream.url), { ...provider(upstream.url), name: "own", kind: "anthropic" }],
  });
  const key = await rig.key();
  const ask = async (model: string, beta: string) => {
    const answer = await fetch(`${rig.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json", "anthropic-beta": beta },
      body: JSON.stringify({ model, max_tokens: 9, messages: question, thread: { type: "create" } }),
    });
    return [answer.status, (await answer.json()).error];
  };
  const details = { error_code: "thread_unsupported_request", unsupported: ["model"] };
  expect(await ask("mock/m", "message-threads-2026-08-12")).toMatchObject([400, { details }]);
  expect(upstream.got).toEqual([]);
  expect(await ask("own/m", "message-threads-2026-08-12, context-1m-2025-08-07,a b")).toEqual([400, refusal]);
  // What the fields of a body rely on reaches Anthropic with them.
  expect(upstream.got[0]?.headers).toMatchObject({
    ...{ "anthropic-beta": "message-threads-2026-08-12,context-1m-2025-08-07", "anthropic-version": "2023-06-01" },
  });
  expect(upstream.got[0]?.body.thread).toEqual({ type: "create" });
});

test("what only a provider with a memory can do is refused by its name, with what to send instead", async () => {
  const { rig, key, upstream } = await start();
  const client = rig.openai(key);
  const ask = (more: object) => client.responses.create({ model: "mock/m", input: "Hi", ...more });
  for (const [more, name] of [
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ conversation: "conv_1" }, "conversation"],
    [{ background: true }, "background"],
    [{ prompt: { id: "pmpt_1" } }, "prompt"],
    [{ input: [{ type: "item_reference", id: "msg_1" }] }, "store: false"],
  ] as const) {
    await expect(ask(more)).rejects.toMatchObject({
      status: 400,
      code: "not_supported",
      message: expect.stringContaining(name),
    });
  }
  expect(upstream.got).toEqual([]);
});
