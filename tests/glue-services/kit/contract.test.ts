import { Type } from "typebox";
import { describe, expect, onTestFinished, test } from "vitest";
import { signCall } from "../../../glue-services/kit/contract/token.ts";
import {
  ApiError,
  type App,
  buildApp,
  call,
  contract,
  type Peers,
  type Service,
  serviceKeys,
} from "../../../glue-services/kit/index.ts";

const kiln = contract("kiln", {
  fire: call({
    input: Type.Object({ degrees: Type.Integer({ minimum: 1 }), cone: Type.Optional(Type.String()) }),
    output: Type.Object({ fired: Type.Boolean(), at: Type.Integer() }),
  }),
  look: call({ input: Type.Object({}), output: Type.Union([Type.Integer(), Type.Null()]), idempotent: true }),
  wait: call({ input: Type.Object({}), output: Type.Null(), deadline: 100 }),
});

const keys = serviceKeys(["a master key of thirty-two letters", "the master key that was before it, also taken"]);

describe.each(["in one process", "between two hosts"])("a service that is called by its contract, %s,", (where) => {
  test("answers, also with nothing", async () => {
    const { caller } = await pottery(where, { look: async () => null });
    expect(await caller.use(kiln).fire({ degrees: 1240 })).toEqual({ fired: true, at: 1240 });
    expect(await caller.use(kiln).look({})).toBeNull();
  });

  test("throws what the service throws, with its hint and page", async () => {
    const refused = new ApiError("CONFLICT", "The kiln is hot.", { hint: "Wait for the night.", docs: "kilns" });
    const { caller } = await pottery(where, { fire: () => Promise.reject(refused) });
    await expect(caller.use(kiln).fire({ degrees: 1240 })).rejects.toMatchObject({
      ...{ code: "CONFLICT", status: 409, message: "The kiln is hot.", hint: "Wait for the night.", docs: "kilns" },
    });
  });

  test("is given up at the deadline of its contract, and hears of it", async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const { caller } = await pottery(where, {
      wait: (_input, { signal }) => new Promise(() => signal.addEventListener("abort", () => leave())),
    });
    await expect(caller.use(kiln).wait({})).rejects.toMatchObject({ code: "TIMEOUT" });
    await left;
  });

  test("hears when the caller leaves, who gets their own reason", async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { caller } = await pottery(where, {
      look: (_input, { signal }) => {
        signal.addEventListener("abort", () => leave());
        begin();
        return new Promise(() => {});
      },
    });
    const leaving = new AbortController();
    const asked = caller.use(kiln).look({}, { signal: leaving.signal });
    await begun;
    leaving.abort(new Error("lunch"));
    await expect(asked).rejects.toThrow("lunch");
    await left;
  });

  test("is reached, and one that no host runs is not", async () => {
    const { caller } = await pottery(where);
    const nowhere = contract("nowhere", { go: call({ input: Type.Object({}), output: Type.Null() }) });
    expect([caller.reaches(kiln), caller.reaches(nowhere)]).toEqual([true, false]);
    await expect(caller.use(nowhere).go({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a call between two hosts", () => {
  test("of what may be asked twice is asked again when the connection breaks, and only then", async () => {
    const asked = { fire: 0, look: 0 };
    const { caller, breakNext } = await pottery("between two hosts", {
      fire: async () => ({ fired: true, at: ++asked.fire }),
      look: async () => ++asked.look,
    });
    breakNext(2);
    expect(await caller.use(kiln).look({})).toBe(3);
    breakNext(1);
    await expect(caller.use(kiln).fire({ degrees: 1 })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(asked.fire).toBe(1);
  });

  test("with an input that the contract does not allow is refused where it arrives", async () => {
    const { caller } = await pottery("between two hosts");
    await expect(caller.use(kiln).fire({ degrees: 0 })).rejects.toMatchObject({ code: "INVALID" });
  });

  test("with an answer that the contract does not allow is a fault, not a value", async () => {
    const { caller } = await pottery("between two hosts", { look: async () => "warm" as unknown as number });
    await expect(caller.use(kiln).look({})).rejects.toThrow("kiln.look answered with something else");
  });

  test("is signed with the key that was before, during a rotation, and taken with the new one", async () => {
    const { origin } = await pottery("between two hosts");
    const body = JSON.stringify({ input: {} });
    const answer = await knock(origin, "kiln/look", body, signCall(keys.slice(0, 1), "kiln.look", body));
    expect([answer.status, await answer.json()]).toEqual([200, { output: 900 }]);
  });

  test.each<[string, (body: string) => string | undefined]>([
    ["no token", () => undefined],
    [
      "a token of another stack",
      (body) => signCall(serviceKeys(["of another stack, as long as ours is"]), "kiln.look", body),
    ],
    ["a token for another call", (body) => signCall(keys, "kiln.fire", body)],
    ["a token for another body", () => signCall(keys, "kiln.look", JSON.stringify({ input: { more: 1 } }))],
    ["a token that has expired", (body) => signCall(keys, "kiln.look", body, Date.now() - 61_000)],
    ["a token that is good for too long", (body) => signCall(keys, "kiln.look", body, Date.now() + 3_600_000)],
    ["a token without a signature", (body) => signCall(keys, "kiln.look", body).split(".")[0]],
    ["a token with something behind it", (body) => `${signCall(keys, "kiln.look", body)}.x`],
    ["no text at all", () => ""],
  ])("with %s finds nothing there", async (_what, tokenOf) => {
    const { origin } = await pottery("between two hosts");
    const body = JSON.stringify({ input: {} });
    const answer = await knock(origin, "kiln/look", body, tokenOf(body));
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      404,
      "NOT_FOUND",
    ]);
  });

  test("that may happen only once is answered once, however often its token is sent", async () => {
    const { origin } = await pottery("between two hosts");
    const body = JSON.stringify({ input: { degrees: 1240 } });
    const token = signCall(keys, "kiln.fire", body);
    const answers = await Promise.all([1, 2, 3].map(() => knock(origin, "kiln/fire", body, token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404]);
  });

  test("to a host that does not know the stack's key is an outage, not a word of the service", async () => {
    const kept = await host([potter()], { at: {}, keys: serviceKeys(["of another stack, as long as ours is"]) });
    const origin = await kept.listen({ host: "127.0.0.1", port: 0 });
    const caller = await host([], { at: { kiln: origin }, keys });
    await expect(caller.use(kiln).look({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("that came through a proxy finds nothing there, with a valid token too", async () => {
    const { origin } = await pottery("between two hosts");
    const body = JSON.stringify({ input: {} });
    for (const header of ["forwarded", "via", "x-forwarded-for"]) {
      const headers = { "content-type": "application/json", [header]: "203.0.113.9" };
      const authorization = `Bearer ${signCall(keys, "kiln.look", body)}`;
      const answer = await fetch(`${origin}/internal/calls/kiln/look`, {
        ...{ method: "POST", headers: { ...headers, authorization }, body },
      });
      expect({ header, status: answer.status }).toEqual({ header, status: 404 });
    }
  });

  test("that nobody provides looks like one that has no token", async () => {
    const { origin } = await pottery("between two hosts");
    const body = JSON.stringify({ input: {} });
    for (const path of ["kiln/melt", "oven/look", "kiln/constructor", "__proto__/look"]) {
      const answer = await knock(origin, path, body, signCall(keys, path.replace("/", "."), body));
      expect(answer.status).toBe(404);
    }
  });

  test("is answered by no host that shares no key", async () => {
    const app = await host([potter()]);
    const answer = await app.inject({ method: "POST", url: "/internal/calls/kiln/look", payload: { input: {} } });
    expect(answer.statusCode).toBe(404);
  });
});

test("two services cannot provide one contract", async () => {
  await expect(host([potter(), { ...potter(), name: "twin" }])).rejects.toThrow(
    "Two services provide the call kiln.fire.",
  );
});

type Parts = Parameters<typeof provide>[1];

function provide(app: App, answers: Partial<Parameters<typeof app.provide<typeof kiln.calls>>[1]> = {}): void {
  app.provide(kiln, {
    fire: async ({ degrees }) => ({ fired: true, at: degrees }),
    look: async () => 900,
    wait: async () => null,
    ...answers,
  });
}

function potter(answers?: Parts): Service {
  return { name: "kiln", register: (app) => provide(app, answers) };
}

/** Somebody who calls the kiln; `breakNext` ends the next connections after their call was made, before it is answered. */
async function pottery(where: string, answers?: Parts) {
  if (where === "in one process") return { caller: await host([potter(answers)]), origin: "", breakNext: () => {} };
  let breaking = 0;
  const kept = await host([potter(answers)], { at: {}, keys });
  kept.server.prependListener("request", (_request, response) => {
    if (breaking === 0) return;
    breaking -= 1;
    response.end = () => response.destroy();
  });
  const origin = await kept.listen({ host: "127.0.0.1", port: 0 });
  const caller = await host([], { at: { kiln: origin }, keys });
  const breakNext = (times: number) => {
    breaking = times;
  };
  return { caller, origin, breakNext };
}

async function host(services: Service[], peers?: Peers): Promise<App> {
  const app = await buildApp({ version: "0", logLevel: "silent", services, ...(peers && { peers }) });
  onTestFinished(() => app.close());
  return app;
}

function knock(origin: string, path: string, body: string, token: string | undefined): Promise<Response> {
  return fetch(`${origin}/internal/calls/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body,
  });
}
