import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { startUpstream } from "./upstream.ts";

async function start() {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  return { upstream, rig, key: await rig.key() };
}

const chat = { model: "mock/m", messages: question };

describe("input that is wrong or hostile", () => {
  test("what is no JSON, no object or names no model is told so, and nothing is asked of the provider", async () => {
    const { rig, key, upstream } = await start();
    const cases: [string, string][] = [
      ["{broken", "invalid_json"],
      ["", "invalid_json"],
      ["[1]", "invalid_json"],
      ["null", "invalid_json"],
      ['"text"', "invalid_json"],
      ['{"messages": []}', "model_missing"],
      ['{"model": 7}', "model_missing"],
      [`{"model": "${"m".repeat(300)}"}`, "model_missing"],
    ];
    for (const [body, code] of cases) {
      const answer = await rig.post(key, "/chat/completions", body);
      expect([answer.status, answer.body.error.code], body.slice(0, 40)).toEqual([400, code]);
    }
    expect(upstream.got).toHaveLength(0);
  });

  test("unknown models and routes are 404 in both APIs' own words", async () => {
    const { rig, key } = await start();
    for (const model of ["nothing", "nobody/m", "__proto__", "constructor", "../etc"]) {
      const { status, body } = await rig.post(key, "/chat/completions", { ...chat, model });
      expect([status, body.error.code, body.error.type], model).toEqual([404, "model_not_found", "not_found_error"]);
    }
    const { status, body } = await rig.post(key, "/messages", { ...chat, model: "nothing", max_tokens: 1 });
    expect([status, body]).toEqual([
      404,
      { type: "error", error: { type: "not_found_error", message: expect.any(String) } },
    ]);
  });

  test("a body of 50 MB is refused, and the gateway goes on", async () => {
    const { rig, key, upstream } = await start();
    const huge = JSON.stringify({ ...chat, filler: "x".repeat(50 * 1024 * 1024) });
    const answer = await rig.post(key, "/chat/completions", huge).catch((error: Error) => error);
    // A server may close the connection while the client is still sending.
    if (!(answer instanceof Error)) expect([answer.status, answer.body.error.code]).toEqual([413, "request_too_large"]);
    expect(upstream.got).toHaveLength(0);
    expect((await rig.post(key, "/chat/completions", chat)).status).toBe(200);
  });

  test("an answer of a provider that never ends is cut off rather than kept in memory", async () => {
    const { rig, key, upstream } = await start();
    const chunk = Buffer.alloc(1024 * 1024, 32);
    upstream.does((_got, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    });
    const { status, body } = await rig.post(key, "/chat/completions", chat);
    expect([status, body.error.message]).toEqual([502, expect.stringContaining("too long")]);
    await expect.poll(() => upstream.open).toBe(0);
  });

  test("a hostile Host header changes nothing and is said nowhere", async () => {
    const { rig, key, upstream } = await start();
    const { hostname, port } = new URL(rig.url);
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const headers = {
        host: "evil.example",
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "x-forwarded-host": "evil.example",
      };
      const sent = request({ hostname, port, path: "/v1/chat/completions", method: "POST", headers }, (response) => {
        let text = "";
        response.on("data", (part) => {
          text += part;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode, text: text + JSON.stringify(response.headers) }),
        );
      });
      sent.on("error", reject);
      sent.end(JSON.stringify(chat));
    });
    expect(answer.status).toBe(200);
    expect(answer.text + JSON.stringify(upstream.got)).not.toContain("evil");
  });

  test("neither a client's key nor its other headers reach the provider", async () => {
    const { rig, key, upstream } = await start();
    await fetch(`${rig.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        cookie: "session=planted",
        "x-secret": "planted",
      },
      body: JSON.stringify(chat),
    });
    expect(JSON.stringify(upstream.got[0]?.headers)).not.toMatch(/planted|dfv_/);
  });

  test("a form without a boundary or a model is refused", async () => {
    const { rig, key, upstream } = await start();
    for (const [type, code] of [
      ["multipart/form-data", "invalid_form"],
      ["multipart/form-data; boundary=x", "model_missing"],
    ]) {
      const answer = await fetch(`${rig.url}/v1/audio/transcriptions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": String(type) },
        body: '--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nhi\r\n--x--\r\n',
      });
      expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([400, code]);
    }
    expect(upstream.got).toHaveLength(0);
  });

  test("whoever guesses keys is slowed down", async () => {
    const { rig } = await start();
    const guess = () => rig.post(`dfv_${"A".repeat(43)}`, "/chat/completions", chat);
    let last = await guess();
    for (let i = 0; i < 60 && last.status === 401; i++) last = await guess();
    expect(last.status).toBe(429);
  });
});
