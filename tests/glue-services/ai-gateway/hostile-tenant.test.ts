import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { person } from "../build.ts";
import { seeded } from "../random.ts";
import { provider, question, type Rig, startGateway } from "./gateway.ts";
import { formOf, type Neighbour, neighbour, postForm } from "./neighbours.ts";
import { type Answer, deltas, event, json, says, startUpstream, stop } from "./upstream.ts";

/** Writes a piece again and again as long as somebody reads, up to a bound; counts what was taken. */
function pours(piece: string | Buffer, status: number, type: string, taken: { bytes: number }): Answer {
  return async (_got, response) => {
    response.writeHead(status, { "content-type": type });
    while (!response.destroyed && taken.bytes < 220 * 1024 * 1024) {
      taken.bytes += piece.length;
      if (!response.write(piece)) await drained(response);
    }
    response.end();
  };
}

/** There is room again, or nobody left to read. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      response.off("drain", over).off("close", over);
      resolve();
    };
    if (response.destroyed) return resolve();
    response.once("drain", over).once("close", over);
  });
}

async function start(): Promise<{
  rig: Rig;
  key: string;
  other: Neighbour;
  upstream: Awaited<ReturnType<typeof startUpstream>>;
}> {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  return { upstream, rig, key: await rig.key(), other: await neighbour(rig) };
}

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("whatever one organisation sends, another's calls are answered and written down", () => {
  test("bodies that are no bodies are refused in the words of their API, on direct and translated ways", async () => {
    const { rig, key, other, upstream } = await start();
    const counts = ["1e999", "-1", "1.5", '"5"', "-1000000", "1e300", "true", "[]", "{}"];
    const chat = '"model":"mock/m","messages":[{"role":"user","content":"hi"}]';
    const bodies: [path: string, body: string][] = [
      ...["max_tokens", "max_completion_tokens", "n", "best_of", "max_output_tokens"].flatMap((field) =>
        counts.map((count): [string, string] => ["/chat/completions", `{${chat},"${field}":${count}}`]),
      ),
      ...['"true"', "1", "[]", "{}"].map((value): [string, string] => [
        "/chat/completions",
        `{${chat},"stream":${value}}`,
      ]),
      ...["messages", "chat/completions"].flatMap((path) =>
        ['"hi"', "[null]", '["hi"]', "[[]]", "{}", "7", '[{"role":"user","content":[null]}]'].map(
          (messages): [string, string] => [`/${path}`, `{"model":"mock/m","max_tokens":5,"messages":${messages}}`],
        ),
      ),
      ...["[null]", "7", "{}", '[{"role":"user","content":[null]}]', '[["a"]]'].map((input): [string, string] => [
        "/responses",
        `{"model":"mock/m","input":${input}}`,
      ]),
      ["/chat/completions", `{${chat},"Model":"mock/dear"}`],
      ["/chat/completions", `{${chat},"stream_options":"x"}`],
      ["/chat/completions", `{${chat},"tools":[null]}`],
      ["/messages", `{${chat},"max_tokens":5,"tools":"x"}`],
    ];
    for (const [path, body] of bodies) {
      const answer = await rig.post(key, path, body);
      expect([answer.status, answer.body.error?.type], `${path} ${body}`).toEqual([400, "invalid_request_error"]);
    }
    expect(upstream.got).toHaveLength(0);
    for (const stream of ["null", "false"]) {
      expect((await rig.post(key, "/chat/completions", `{${chat},"stream":${stream},"n":null}`)).status).toBe(200);
    }
    expect(await other.call()).toBe(200);
    await expect.poll(other.rows).toBe(1);
  });

  test("JSON that is nested a hundred thousand deep is refused everywhere", async () => {
    const { rig, key, other } = await start();
    const deep = nested(100_000);
    await rig.ask("PUT", "/policy", { cache: "exact", guards: { secrets: "redact" }, record: true });
    for (const path of ["/chat/completions", "/messages", "/responses", "/embeddings", "/completions"]) {
      for (const field of ["messages", "metadata", "input"]) {
        const { status } = await rig.post(key, path, `{"model":"mock/m","max_tokens":5,"${field}":${deep}}`);
        expect([status, path, field]).toEqual([400, path, field]);
      }
    }
    for (const path of ["/providers", "/routes/a", "/policy", "/budgets", "/prices"]) {
      const headers = { ...rig.admin.headers, "content-type": "application/json" };
      const payload = `{"name":"a","kind":"openai","x":${deep}}`;
      const { statusCode } = await rig.app.inject({ method: "PUT", url: `/api/ai${path}`, headers, payload });
      expect([path, statusCode]).toEqual([path, 400]);
    }
    expect(await other.call()).toBe(200);
  });

  test("amounts that are no amounts break no budget: calls of other keys under it go on, and it holds exactly", async () => {
    const { rig, key } = await start();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "tokens", amount: 3000, period: "ever" });
    const ask = async (max_tokens: number, body = "") => {
      const text = `{"model":"mock/m","messages":[{"role":"user","content":"hi"}],"max_tokens":${max_tokens}${body}}`;
      return (await rig.post(key, "/chat/completions", text)).status;
    };
    for (const body of [',"n":1e999', ',"n":-1000000', ',"max_completion_tokens":1e999', ',"best_of":-5']) {
      expect(await ask(5, body)).toBe(400);
    }
    // 1e9 choices of 1e9 tokens are counts, and more than there is.
    expect(await ask(1_000_000_000, ',"n":1000000000')).toBe(429);
    expect(await ask(50_000)).toBe(429);
    for (let i = 0; i < 20; i++) expect(await ask(5)).toBe(200);
  });

  test("providers that count nonsense or beyond every number harm no budget and no row of usage", async () => {
    const { rig, key, other, upstream } = await start();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "tokens", amount: 1_000_000, period: "ever" });
    await rig.ask("PUT", "/prices", { model: "mock/m", input: 1e6, output: 1e6 });
    for (const count of ["1e300", "-5", '"many"', "null", "1e999", "{}", "0.5", "1e11"]) {
      upstream.next((_got, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(
          `{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":${count},"completion_tokens":${count}}}`,
        );
      });
      expect(
        (await rig.post(key, "/chat/completions", { model: "mock/m", messages: question, max_tokens: 5 })).status,
      ).toBe(200);
    }
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "tokens", amount: 1e12, period: "ever" });
    await expect
      .poll(async () => (await rig.post(key, "/chat/completions", { model: "mock/m", messages: question })).status)
      .toBe(200);
    await rig.usage(9);
    expect(await other.call()).toBe(200);
    await expect.poll(other.rows).toBe(1);
  });

  test("answers without an end are cut: an error, what comes before a stream says something, and a list of models", async () => {
    const { rig, key, other, upstream } = await start();
    const chunk = "x".repeat(256 * 1024);
    const comments = `: ${"c".repeat(1000)}\n\n`.repeat(64);
    const empty = event({ choices: [{ index: 0, delta: {} }], filler: "e".repeat(1000) }).repeat(64);
    const cases: [answer: (taken: { bytes: number }) => Answer, stream: boolean][] = [
      [(taken) => pours(chunk, 400, "application/json", taken), true],
      [(taken) => pours(chunk, 400, "application/json", taken), false],
      [(taken) => pours(chunk, 503, "text/plain", taken), true],
      [(taken) => pours(comments, 200, "text/event-stream", taken), true],
      [(taken) => pours(empty, 200, "text/event-stream", taken), true],
    ];
    await rig.ask("PUT", "/routes/once", { targets: [{ model: "mock/m" }], options: { retries: 0 } });
    for (const [answer, stream] of cases) {
      const taken = { bytes: 0 };
      upstream.does(answer(taken));
      const { status } = await rig.post(key, "/chat/completions", { model: "once", messages: question, stream });
      expect(status).toBeGreaterThanOrEqual(400);
      await expect.poll(() => upstream.open).toBe(0);
      expect(taken.bytes).toBeLessThan(80 * 1024 * 1024);
    }
    const taken = { bytes: 0 };
    upstream.does(pours(`{"data":[${'{"id":"a"},'.repeat(10_000)}`, 200, "application/json", taken));
    const list = await fetch(`${rig.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(list.status).toBe(200);
    await expect.poll(() => upstream.open).toBe(0);
    expect(taken.bytes).toBeLessThan(80 * 1024 * 1024);
    upstream.does(says("hi"));
    expect(await other.call()).toBe(200);
  });

  test("after a burst that filled the connection a silent provider is ended all the same, and so is a client that stops reading", async () => {
    const { rig, key, other, upstream } = await start();
    await rig.ask("PUT", "/routes/short", {
      targets: [{ model: "mock/m" }],
      options: { retries: 0, stallMs: 500, totalMs: 4000 },
    });
    const [first = ""] = deltas("a ");
    const burst = event({ choices: [{ index: 0, delta: { content: "b".repeat(64 * 1024) } }] }).repeat(400);
    upstream.does((_got, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(first);
      response.write(burst);
    });
    const body = { model: "short", messages: question, stream: true };
    const { body: text } = await rig.post(key, "/chat/completions", body);
    expect(text).toContain("sent nothing more");
    await expect.poll(() => upstream.open).toBe(0);
    upstream.does(async (_got, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(first);
      while (!response.destroyed) {
        if (!response.write(burst)) await drained(response);
        await pause(1);
      }
    });
    const answer = await fetch(`${rig.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    // Never read: the connection fills, and the route's whole time ends it.
    expect(answer.status).toBe(200);
    await expect.poll(() => upstream.open).toBe(0);
    upstream.does(says("hi"));
    expect(await other.call()).toBe(200);
  });

  test("a client that never reads an answer that is whole does not keep it in memory", async () => {
    const { rig, key, other, upstream } = await start();
    await rig.ask("PUT", "/policy", { deny: ["zeus"] });
    const part = event({ choices: [{ index: 0, delta: { content: "b".repeat(64 * 1024) } }] });
    const [first = ""] = deltas("a ");
    upstream.does((_got, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`${first}${part.repeat(128)}${stop()}data: [DONE]\n\n`);
    });
    rig.app.server.timeout = 500;
    const body = JSON.stringify({ model: "mock/m", messages: question, stream: true });
    const { hostname, port } = new URL(rig.url);
    const deaf = connect({ host: hostname, port: Number(port) });
    onTestFinished(() => void deaf.destroy());
    deaf.on("error", () => {});
    const head = `authorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    deaf.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n${head}\r\n\r\n${body}`);
    await rig.usage(1);
    const connections = () => new Promise((done) => void rig.app.server.getConnections((_error, count) => done(count)));
    await expect.poll(connections).toBe(0);
    upstream.does(says("hi"));
    expect(await other.call()).toBe(200);
  });

  test("lists of words with many stars cost no more than their length", async () => {
    const { rig, key, other } = await start();
    const stars = Array.from({ length: 20 }, (_, at) => `${"a*".repeat(60 + at)}b`);
    await rig.ask("PUT", "/policy", { deny: stars, allow: stars });
    const content = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ".repeat(50);
    const [mine, theirs] = await Promise.all([
      rig.post(key, "/chat/completions", { model: "mock/m", messages: [{ role: "user", content }] }),
      other.call(),
    ]);
    expect([mine.status, theirs]).toEqual([200, 200]);
    await rig.ask("PUT", "/policy", { deny: ["pro*t z*s", "*leak*", "ac*me"] });
    for (const [text, status] of [
      ["of Project Zeus.", 400],
      ["a big unleaked thing", 400],
      ["accme", 400],
      ["projection, zeal", 200],
      ["ac me", 200],
    ] as const) {
      const messages = [{ role: "user", content: text }];
      expect([text, (await rig.post(key, "/chat/completions", { model: "mock/m", messages })).status]).toEqual([
        text,
        status,
      ]);
    }
  });
});

test("a schema whose references double its work with every line is given up, and others are answered", async () => {
  const { rig, key, other, upstream } = await start();
  upstream.does(says("[]"));
  await rig.ask("PUT", "/policy", { guards: { schema: "block" } });
  const line = (at: number) => ({ allOf: [{ $ref: `#/$defs/a${at + 1}` }, { $ref: `#/$defs/a${at + 1}` }] });
  const $defs = Object.fromEntries([
    ...Array.from({ length: 60 }, (_, at) => [`a${at}`, line(at)]),
    ["a60", { type: "array" }],
  ]);
  const schema = { $ref: "#/$defs/a0", $defs };
  const response_format = { type: "json_schema", json_schema: { name: "a", schema } };
  const [mine, theirs] = await Promise.all([
    rig.post(key, "/chat/completions", { model: "mock/m", messages: question, response_format }),
    other.call(),
  ]);
  expect([mine.status, mine.body.error.code, theirs]).toEqual([400, "invalid_request", 200]);
});

describe("a model by its name alone", () => {
  const listing =
    (...names: string[]): Answer =>
    (got, response) =>
      got.path.endsWith("/models")
        ? json(response, 200, { data: names.map((id) => ({ id })) })
        : says(`of ${names[0]}`)(got, response);

  test("is that of the one provider whose server lists it, also with a slash in it and for a key that may use it alone", async () => {
    const [one, two] = [
      await startUpstream(listing("gpt-4", "meta/llama")),
      await startUpstream(listing("both", "gpt-3")),
    ];
    const rig = await startGateway({
      providers: [provider(one.url, { name: "one" }), provider(two.url, { name: "two" })],
    });
    const key = await rig.key();
    for (const [model, said] of [
      ["gpt-4", "of gpt-4"],
      ["meta/llama", "of gpt-4"],
      ["gpt-3", "of both"],
    ]) {
      const { body, headers } = await rig.post(key, "/chat/completions", { model, messages: question });
      expect([model, body.choices[0].message.content]).toEqual([model, said]);
      expect(headers.get("x-devflow-model")).toBe(`${said === "of both" ? "two" : "one"}/${model}`);
    }
    const narrow = await rig.key({ models: ["gpt-4"] });
    expect((await rig.post(narrow, "/chat/completions", { model: "gpt-4", messages: question })).status).toBe(200);
    expect((await rig.post(narrow, "/chat/completions", { model: "gpt-3", messages: question })).status).toBe(403);
    const { status, body } = await rig.post(key, "/chat/completions", { model: "nobody-has-it", messages: question });
    expect([status, body.error.code]).toEqual([404, "model_not_found"]);
  });

  test("is refused with the names to choose from where several list it", async () => {
    const [one, two] = [await startUpstream(listing("same")), await startUpstream(listing("same"))];
    const rig = await startGateway({
      providers: [provider(one.url, { name: "one" }), provider(two.url, { name: "two" })],
    });
    const { status, body } = await rig.post(await rig.key(), "/chat/completions", {
      model: "same",
      messages: question,
    });
    expect([status, body.error.message]).toEqual([404, expect.stringContaining("one/same, two/same")]);
  });
});

describe("the interface to generated input", () => {
  test("no body, however strange, makes the gateway fail or stops another organisation (800 bodies, seeded)", async () => {
    const random = seeded(23);
    const { rig, key, other } = await start();
    const values: (() => unknown)[] = [
      () =>
        random.pick([
          null,
          true,
          false,
          0,
          -1,
          1.5,
          1e300,
          9.3e9,
          9e15,
          2 ** 53,
          "",
          "a",
          "\u0000",
          "\ud800",
          "x".repeat(300),
        ]),
      () =>
        random.pick([
          "mock/m",
          "smart",
          "mock/\u0000",
          "local/multilingual-e5-small",
          "__proto__",
          "http://",
          "https://[",
          "user",
          "function",
        ]),
      () => Array.from({ length: random.below(4) }, () => value()),
      () => Object.fromEntries(Array.from({ length: random.below(5) }, () => [random.pick(names), value()])),
      () => ({ role: random.pick(["user", "assistant", "tool", "system", 7]), content: value(), tool_calls: value() }),
      () => ({
        type: random.pick(["text", "image_url", "tool_use", "tool_result", "message", "function"]),
        ...(value() as object),
      }),
    ];
    const names = [
      "model",
      "messages",
      "input",
      "prompt",
      "max_tokens",
      "n",
      "stream",
      "tools",
      "tool_choice",
      "system",
      "stop",
    ];
    names.push(
      "name",
      "kind",
      "baseUrl",
      "targets",
      "options",
      "level",
      "unit",
      "amount",
      "period",
      "deny",
      "allow",
      "guards",
    );
    names.push(
      "role",
      "content",
      "type",
      "text",
      "function",
      "arguments",
      "parameters",
      "response_format",
      "image_url",
      "source",
    );
    function value(depth = random.below(6)): unknown {
      return depth > 3 ? (values[0] as () => unknown)() : random.pick(values)();
    }
    const bodyFor = (more: object) => ({ ...(random.below(3) ? more : {}), ...(values[3] as () => object)() });
    const calls = ["/chat/completions", "/messages", "/responses", "/embeddings", "/completions", "/moderations"];
    const chat = { model: "mock/m", messages: question, max_tokens: 5, input: "hi", prompt: "hi" };
    const managed: [method: "PUT" | "POST", path: string, more: object][] = [
      ["PUT", "/providers", { name: "own", kind: "openai-compatible", baseUrl: "https://models.example/v1" }],
      ["PUT", "/routes/mine", { targets: [{ model: "mock/m" }] }],
      ["PUT", "/prices", { model: "mock/m", input: 1, output: 1 }],
      ["PUT", "/budgets", { level: "organisation", model: "never", unit: "money", amount: 5, period: "day" }],
      ["PUT", "/policy", { cache: "off" }],
      ["POST", "/keys", { name: "k" }],
    ];
    // Of another organisation, so that what it sets does not change what calls find.
    const { headers } = person();
    for (let i = 0; i < 800; i++) {
      const isCall = random.below(2) === 0;
      const [method, path, more] = random.pick(managed);
      const url = isCall ? `/v1${random.pick(calls)}` : `/api/ai${path}`;
      const payload = JSON.stringify(bodyFor(isCall ? chat : more));
      const by = isCall ? { authorization: `Bearer ${key}` } : headers;
      const answer = await rig.app.inject({
        method: isCall ? "POST" : method,
        url,
        headers: { ...by, "content-type": "application/json" },
        payload,
      });
      // 502 and 503: no provider, or no local model of embeddings.
      const own = answer.statusCode >= 500 && ![502, 503].includes(answer.statusCode);
      if (own) expect(`${url} ${payload} -> ${answer.body}`).toBe("no failure of the gateway");
    }
    expect(await other.call()).toBe(200);
    await expect.poll(other.rows).toBe(1);
  });

  test("amounts of money and addresses that cannot be are refused", async () => {
    const { rig } = await start();
    const put = async (path: string, payload: object) =>
      (await rig.app.inject({ method: "PUT", url: `/api/ai${path}`, headers: rig.admin.headers, payload })).statusCode;
    const budget = { level: "organisation", unit: "money", period: "day" };
    for (const amount of [9.3e9, 9e15, 9_007_200]) expect(await put("/budgets", { ...budget, amount })).toBe(400);
    expect(await put("/budgets", { ...budget, amount: 9_007_199 })).toBe(200);
    for (const baseUrl of ["http://[", "https://a b", "http://:99999/", "https://%", "https://[::1"]) {
      expect([baseUrl, await put("/providers", { name: "own", kind: "openai", baseUrl })]).toEqual([baseUrl, 400]);
    }
    expect(await put("/prices", { model: "mock/m", input: 1, output: 1, since: "0000-01-01" })).toBe(400);
    const { headers } = rig.admin;
    const payload = { name: "k", expiresAt: "2090-01-01T00:00:00+23:59" };
    expect((await rig.app.inject({ method: "POST", url: "/api/ai/keys", headers, payload })).statusCode).toBe(400);
    for (const query of ["recorded?text=%00", "recorded?model=a%00", "usage?from=0000-01-01"]) {
      expect([query, (await rig.app.inject({ url: `/api/ai/${query}`, headers })).statusCode]).toEqual([query, 400]);
    }
    for (const text of ["\u0000", "a\u0000b", "\ud800"]) {
      expect(await put("/policy", { allow: [text] })).toBe(400);
      expect(await put("/policy", { deny: [text] })).toBe(400);
      expect(await put("/routes/a", { targets: [{ model: `mock/${text}` }] })).toBe(400);
    }
  });
});

test("forms of one organisation leave another's calls alone, and the spool on disk stays small", async () => {
  const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  const { rig, key, other } = await start();
  const forms = ["mock/m", "x".repeat(100_000), "mock/\u0000"].map((model) =>
    formOf([
      ['name="model"', model],
      ["name=n", "1e999"],
    ]),
  );
  for (const form of forms) await postForm(rig, key, "/images/edits", form);
  expect(await other.call()).toBe(200);
  await expect.poll(other.rows).toBe(1);
});
