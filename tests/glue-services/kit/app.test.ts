import { Type } from "typebox";
import { describe, expect, onTestFinished, test } from "vitest";
import { cookieNames } from "../../../glue-services/identity/cookie-names.ts";
import { ApiError, type AppOptions, buildApp, metricsPath, type Service } from "../../../glue-services/kit/index.ts";
import { people, person } from "../build.ts";

/** Routes that go wrong in every way there is. */
const troubled: Service = {
  name: "troubled",
  register(app) {
    const body = Type.Object({ name: Type.String() }, { additionalProperties: false });
    app.post("/body", { auth: "public", schema: { body } }, async (request) => request.body);
    app.get("/bug", { auth: "public" }, async () => {
      throw new Error("password=hunter2 at /srv/secret.ts");
    });
    app.get("/known", { auth: "public" }, async () => {
      throw new ApiError("CONFLICT", "Somebody else changed it.", { hint: "Look again." });
    });
    app.get("/me", { auth: {} }, async ({ identity }) => ({ organisation: identity.organisation }));
    app.post("/me", { auth: {} }, async () => ({ done: true }));
    app.get("/scoped", { auth: { scope: "a:read" } }, async () => ({ ok: true }));
    app.get("/role", { auth: { role: "owner" } }, async () => ({ ok: true }));
    app.get("/careless", { auth: "public" }, async ({ identity }) => identity);
  },
};

async function appOf(options: Partial<AppOptions> = {}) {
  const app = await buildApp({
    version: "1.2.3",
    logLevel: "silent",
    services: [troubled],
    verify: async ({ headers }) => people.get(headers.authorization ?? ""),
    ...options,
  });
  onTestFinished(() => app.close());
  return app;
}

describe("errors of the app", () => {
  test("a client's mistake is told in the one shape", async () => {
    const app = await appOf();
    const answer = await app.inject({ method: "POST", url: "/body", payload: { name: 1, more: true } });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({
      code: "INVALID",
      hint: expect.any(String),
      docs: "/docs/reference/api-errors",
    });
    expect(answer.json().error.message).toMatch(/is not a field of this request/);
    expect((await app.inject("/known")).json().error).toMatchObject({ code: "CONFLICT", hint: "Look again." });
    expect((await app.inject("/nowhere?token=abc")).body).not.toContain("abc");
  });

  test.each([
    ["broken JSON", { headers: { "content-type": "application/json" }, payload: "{" }, 400],
    ["another content type", { headers: { "content-type": "text/csv" }, payload: "a,b" }, 415],
    [
      "a body beyond the limit",
      { headers: { "content-type": "application/json" }, payload: `"${"x".repeat(2 ** 20)}"` },
      413,
    ],
  ])("%s is refused in the one shape", async (_name, request, status) => {
    const answer = await (await appOf()).inject({ method: "POST", url: "/body", ...request });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error).toEqual({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.any(String),
      hint: expect.any(String),
      docs: expect.stringMatching(/^\/docs\//),
    });
  });

  test("an address or a host that cannot be read is refused in the one shape", async () => {
    const app = await appOf();
    app.get("/things/:name", { auth: "public" }, async () => ({}));
    for (const [url, host] of [
      ["/things/%ED%A0%80", "localhost"],
      ["/things/%zz", "localhost"],
      [`/things/${"x".repeat(5000)}`, "localhost"],
      ["/known", "[::1"],
      ["/known", "a b"],
    ]) {
      const answer = await app.inject({ url: String(url), headers: { host } });
      expect([url, host, answer.statusCode, answer.json().error.code]).toEqual([url, host, 400, "INVALID"]);
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test("a number without end is none, however it is written", async () => {
    const app = await appOf();
    const schema = {
      body: Type.Object({ share: Type.Number({ minimum: 0.5, maximum: 1 }), any: Type.Optional(Type.Number()) }),
    };
    app.post("/share", { auth: "public", schema }, async () => ({}));
    const post = async (payload: string) =>
      (await app.inject({ method: "POST", url: "/share", headers: { "content-type": "application/json" }, payload }))
        .statusCode;
    expect([await post('{"share":0.7}'), await post('{"share":"0.7","any":-3}')]).toEqual([200, 200]);
    for (const number of [
      '"1e999"',
      "1e999",
      '"-1e999"',
      `"${"9".repeat(400)}"`,
      `-${"9".repeat(400)}`,
      '"Infinity"',
    ]) {
      expect([number, await post(`{"share":${number}}`)]).toEqual([number, 400]);
      expect([number, await post(`{"share":0.7,"any":${number}}`)]).toEqual([number, 400]);
    }
  });

  test("a bug's text stays in the log, where its request id finds it", async () => {
    const lines: string[] = [];
    const app = await appOf({ logLevel: "info", logStream: { write: (line) => void lines.push(line) } });
    const answer = await app.inject("/bug");
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/hunter2|secret\.ts/);
    expect(answer.headers["x-request-id"]).toBe(answer.json().error.request);
    expect(lines.join("")).toContain(answer.json().error.request);
    expect(lines.join("")).toContain("secret.ts");
  });
});

describe("what an app lets in", () => {
  test("a route that does not say who may use it refuses to register", async () => {
    const service: Service = { name: "open", register: (app) => void app.get("/open", async () => "hello") };
    await expect(appOf({ services: [service] })).rejects.toThrow(/GET \/open does not say who may use it/);
  });

  test("nobody, a wrong key, a missing scope and a missing role are refused", async () => {
    const app = await appOf();
    const limited = person({ scopes: ["b:read"], roles: ["member"] });
    const status = async (url: string, headers = {}) => (await app.inject({ url, headers })).statusCode;
    expect(await status("/me")).toBe(401);
    expect(await status("/me", { authorization: "Bearer wrong" })).toBe(401);
    expect(await status("/me", limited.headers)).toBe(200);
    expect(await status("/scoped", limited.headers)).toBe(403);
    expect(await status("/scoped", person({ scopes: ["a:read"] }).headers)).toBe(200);
    expect(await status("/role", limited.headers)).toBe(403);
    expect(await status("/role", person({ roles: ["owner"] }).headers)).toBe(200);
    expect(await status("/careless", limited.headers)).toBe(500);
  });

  test("a page of another site cannot act with a session, a key may come from anywhere", async () => {
    const app = await appOf();
    const session = person({ via: "session" }).headers;
    const post = async (headers: Record<string, string>) =>
      (await app.inject({ method: "POST", url: "/me", headers: { host: "devflow.test", ...headers } })).statusCode;
    expect(await post({ ...session, origin: "https://devflow.test" })).toBe(200);
    expect(await post({ ...session, origin: "https://evil.test" })).toBe(403);
    expect(await post({ ...session, origin: "null" })).toBe(403);
    expect(await post({ ...session, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await post({ ...person().headers, origin: "https://evil.test" })).toBe(200);
  });

  test("requests are counted by key, and by address without one", async () => {
    const app = await appOf({ rateLimits: { anonymous: 3, known: 5, failures: 100 } });
    const statuses = async (url: string, headers: Record<string, string>, count: number) => {
      const found = [];
      for (let at = 0; at < count; at++) found.push((await app.inject({ url, headers })).statusCode);
      return found;
    };
    expect(await statuses("/known", {}, 4)).toEqual([409, 409, 409, 429]);
    expect(await statuses("/me", person().headers, 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses("/me", person().headers, 1)).toEqual([200]);
    const refused = await app.inject("/known");
    expect(refused.json().error.code).toBe("RATE_LIMITED");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("who guesses is refused, by credential and by address; a right key from the same address never is", async () => {
    const app = await appOf({ rateLimits: { anonymous: 100, known: 100, failures: 3 } });
    const guess = async (authorization: string) =>
      (await app.inject({ url: "/me", headers: { authorization } })).statusCode;
    const found = [];
    for (const at of [1, 2, 3, 4, 5]) found.push(await guess(`Bearer ${at}`));
    expect(found.slice(0, 3)).toEqual([401, 401, 401]);
    expect(found.at(-1)).toBe(429);
    // Strangers behind the same proxy or NAT guess; whoever has a key works on.
    const right = person().headers.authorization;
    for (let at = 0; at < 5; at++) expect(await guess(right)).toBe(200);
    // Somebody without a session is told to sign in, however much others guessed.
    expect((await app.inject({ url: "/me", remoteAddress: "127.0.0.1" })).statusCode).toBe(401);
    // One wrong key from everywhere is refused too, and another one from elsewhere is only wrong.
    const from = async (remoteAddress: string, authorization: string) =>
      (await app.inject({ url: "/me", remoteAddress, headers: { authorization } })).statusCode;
    const everywhere = [];
    for (const at of [1, 2, 3, 4, 5]) everywhere.push(await from(`198.51.100.${at}`, "Bearer stolen"));
    expect(everywhere).toEqual([401, 401, 401, 429, 429]);
    expect(await from("198.51.100.9", "Bearer other")).toBe(401);
  });
});

describe("what can be seen of an app", () => {
  test("secrets are cut out of the log", async () => {
    const lines: string[] = [];
    const app = await appOf({ logLevel: "info", logStream: { write: (line) => void lines.push(line) } });
    app.log.info({ password: "hunter2", nested: { token: "hunter2", deep: { apiKey: "hunter2" } } }, "look");
    app.log.info({ headers: { authorization: "hunter2", cookie: "hunter2", "set-cookie": "hunter2" } }, "look");
    app.log.info({ a: { b: { c: { d: [{ API_KEY: "hunter2", access_token: "hunter2" }] } } } }, "look");
    app.log.error(
      { err: Object.assign(new Error("no"), { config: { headers: { Authorization: "hunter2" } } }) },
      "look",
    );
    await app.inject({ url: "/known?token=hunter2", headers: { authorization: "hunter2", cookie: "a=hunter2" } });
    expect(lines).toHaveLength(5);
    expect(lines.join("")).not.toContain("hunter2");
    expect(lines[4]).toContain('"path":"/known"');
  });

  test("metrics count by route, and do not answer what came through a proxy", async () => {
    const app = await appOf();
    await app.inject("/known");
    const metrics = await app.inject(metricsPath);
    expect(metrics.body).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/known",status="409"\} 1/);
    const proxied = await app.inject({ url: metricsPath, headers: { "x-forwarded-for": "10.0.0.1" } });
    expect(proxied.statusCode).toBe(404);
  });

  test("an app is alive while it is not ready, and says what it waits for", async () => {
    const app = await appOf();
    app.readyWhen("the moon", async () => Promise.reject(new Error("it is day")));
    app.readyWhen("the sun", async () => undefined);
    expect((await app.inject("/healthz")).json()).toEqual({ status: "ok", version: "1.2.3" });
    const ready = await app.inject("/readyz");
    expect(ready.statusCode).toBe(503);
    expect(ready.json().checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
      ["the moon", false],
      ["the sun", true],
    ]);
    expect(ready.body).not.toContain("it is day");
  });

  test("OpenAPI describes every route with what it demands", async () => {
    const { sent } = cookieNames("http://localhost:4420");
    const api = (await (await appOf({ sessionCookie: sent })).inject("/api/openapi.json")).json();
    expect(api.openapi).toBe("3.1.0");
    expect(api.components.securitySchemes.session.name).toBe("devflow_session_4420");
    expect(api.paths["/scoped"].get.security).toEqual([{ session: [] }, { key: ["a:read"] }]);
    expect(api.paths["/body"].post.requestBody.content["application/json"].schema.properties.name.type).toBe("string");
    expect(api.paths["/known"].get.security).toBeUndefined();
    expect(Object.keys(api.paths)).not.toContain(metricsPath);
  });
});

test("what a page in the browser reads is logged at debug, its failures, changes and what programs read at info", async () => {
  const lines: { level: number; msg: string; path: string; method: string }[] = [];
  const app = await appOf({ logLevel: "debug", logStream: { write: (line) => void lines.push(JSON.parse(line)) } });
  const page = person({ via: "session" }).headers;
  const program = person({ via: "key" }).headers;
  const levelOf = async (method: "GET" | "POST", url: string, headers: Record<string, string>) => {
    lines.length = 0;
    await app.inject({ method, url, headers });
    return lines.find(({ msg }) => msg === "answered")?.level;
  };
  expect(await levelOf("GET", "/me", page)).toBe(20);
  expect(await levelOf("GET", "/role", page)).toBe(30);
  expect(await levelOf("GET", "/me", program)).toBe(30);
  expect(await levelOf("GET", "/known", {})).toBe(30);
});
