import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { aiGatewayOf } from "../../../glue-services/ai-gateway/contract.ts";
import { declarations } from "../../../glue-services/declared.ts";
import { peersOf } from "../../../glue-services/host/peers.ts";
import { identityElsewhere } from "../../../glue-services/identity/elsewhere.ts";
import { buildApp, offered, type Service, serviceKeys } from "../../../glue-services/kit/index.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import { secrets } from "../../../glue-services/secrets/app.ts";
import { secretsContract } from "../../../glue-services/secrets/contract.ts";
import { question } from "../ai-gateway/gateway.ts";
import { says, startUpstream } from "../ai-gateway/upstream.ts";
import { firstAdministrator, invited, platform, Visitor } from "../identity/platform.ts";
import { freePort } from "../postgres-server.ts";

const keys = serviceKeys(["a master key that both hosts of the stack have"]);

describe("services in processes of their own", () => {
  test("know whom a request comes from, until the key is revoked", async () => {
    const { core, work } = await apart();
    const ada = await firstAdministrator(core);
    const there = new Visitor(work);
    for (const [name, value] of ada.cookies) there.cookies.set(name, value);
    expect((await there.send("GET", "/api/knowledge/sources")).statusCode).toBe(200);
    expect((await new Visitor(work).send("GET", "/api/knowledge/sources")).statusCode).toBe(401);

    const made = await ada.send("POST", "/api/identity/keys", { name: "elsewhere", scopes: ["knowledge:read"] });
    expect(made.statusCode, made.body).toBe(201);
    const { id, key } = made.json<{ id: string; key: string }>();
    const ask = () =>
      work
        .inject({ url: "/api/knowledge/sources", headers: { authorization: `Bearer ${key}` } })
        .then((told) => told.statusCode);
    expect(await ask()).toBe(200);
    expect((await ada.send("DELETE", `/api/identity/keys/${id}`)).statusCode).toBe(204);
    await expect.poll(ask).toBe(401);
  });

  test("say of an organisation that is not one's own what the identity service says", async () => {
    const { core, work } = await apart();
    const ada = await firstAdministrator(core);
    const there = new Visitor(work);
    for (const [name, value] of ada.cookies) there.cookies.set(name, value);
    const answer = await there.send("GET", "/api/knowledge/sources", undefined, { "x-devflow-organisation": "others" });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, "NOT_A_MEMBER"]);
  });

  test("tell of themselves to somebody whose role has patterns", async () => {
    const { core } = await apart();
    const ada = await firstAdministrator(core);
    const dev = await invited(core, ada, "dev@example.com", ["developer"]);
    expect((await dev.send("POST", "/api/projects", { name: "Glazes" })).statusCode).toBe(201);
    const feed = (await dev.send("GET", "/api/platform/feed")).json();
    // Knowledge tells of this step to those who may write to it, and no route of this host asks for that.
    expect(feed.steps).toContainEqual({ step: "knowledge", done: false });
  });

  test("call models, whole and streamed, on the organisation's account", async () => {
    const { core, work, upstream } = await apart();
    const ada = await firstAdministrator(core);
    const { organisation } = (await ada.send("GET", "/api/identity/me")).json<{ organisation: { id: string } }>();
    const caller = { organisation: organisation.id, service: "knowledge" };
    const whole = await aiGatewayOf(work).call(caller, "/v1/chat/completions", { model: "mock/m", messages: question });
    expect(whole.status).toBe(200);
    const { client } = await aiGatewayOf(work).openai(caller);
    let text = "";
    const stream = await client.chat.completions.create({ model: "mock/m", messages: question, stream: true });
    for await (const part of stream) text += part.choices[0]?.delta.content ?? "";
    expect(text).toBe("hi");
    expect(upstream.got).toHaveLength(2);
  });

  test("read a secret for a client, whom the audit log names", async () => {
    const { core, work } = await apart();
    const ada = await firstAdministrator(core);
    expect((await ada.send("PUT", "/api/secrets/TOKEN", { value: "planted" })).statusCode).toBe(201);
    const there = new Visitor(work);
    there.address = "203.0.113.9";
    for (const [name, value] of ada.cookies) there.cookies.set(name, value);
    expect((await there.send("GET", "/api/reading")).json()).toEqual({ length: 7 });
    const { rows } = await core.owner.query("select ip, credential from devflow.audit where action = 'secret.read'");
    expect(rows).toEqual([{ ip: "203.0.113.9", credential: expect.any(String) }]);
  });

  test("have their tools, their part of the overview and their things by name in one place", async () => {
    const { core, work } = await apart();
    const ada = await firstAdministrator(core);
    const there = new Visitor(work);
    for (const [name, value] of ada.cookies) there.cookies.set(name, value);
    const made = await there.send("POST", "/api/knowledge/projects", { title: "Glazes" });
    expect(made.statusCode, made.body).toBe(201);
    const { id } = made.json<{ id: string }>();
    await there.send("POST", `/api/knowledge/projects/${id}/tasks`, { title: "Mix the glaze" });
    const found = (await ada.send("GET", "/api/platform/find?q=glaz")).json();
    expect(found).toMatchObject([
      { kind: "project", title: "Glazes" },
      { kind: "task", title: "Mix the glaze" },
    ]);
    const overview = (await ada.send("GET", `/api/projects/${id}/overview`)).json();
    expect(overview).toMatchObject({
      silent: [],
      facts: expect.arrayContaining([expect.objectContaining({ title: "Tasks to do", value: "1" })]),
    });
    const { tools } = await offered(core.app);
    const find = tools.find(({ tool }) => tool.name === "find_projects");
    expect(find?.service).toBe("knowledge");
    expect((await ada.send("GET", "/api/platform/feed")).json()).toMatchObject({
      silent: [],
      steps: expect.arrayContaining([{ step: "knowledge", done: expect.any(Boolean) }]),
    });
    await work.close();
    const feed = await ada.send("GET", "/api/platform/feed");
    expect([feed.statusCode, feed.json().silent]).toEqual([200, ["knowledge"]]);
  });
});

/** Reads a secret within a client's request, as services do that call others for people. */
const reading: Service = {
  name: "reading",
  register(app) {
    app.get("/api/reading", { auth: {} }, async ({ identity }) => {
      const wanted = { name: "TOKEN", purpose: "a test" };
      const { value } = await app.use(secretsContract).resolve({ reader: identity, wanted });
      return { length: value.length };
    });
  },
};

/** Two hosts on one database: `core` has people, secrets and models, `work` has knowledge. */
async function apart() {
  const upstream = await startUpstream(says("hi"));
  const folder = await mkdtemp(join(tmpdir(), "devflow-apart-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const masterKeyFile = join(folder, "master.key");
  await writeFile(masterKeyFile, `${Buffer.alloc(32, 7).toString("base64url")}\n`, { mode: 0o600 });
  const [corePort, workPort] = [await freePort(), await freePort()];
  const gateway = aiGateway({
    providers: [{ name: "mock", kind: "openai-compatible", baseUrl: upstream.url }],
    spool: join(folder, "usage"),
  });
  const core = await platform(
    {},
    [secrets({ masterKeyFile, platformFile: join(folder, ".env") }), gateway, projects()],
    {
      scopes: declarations.flatMap(({ title, scopes }) =>
        Object.entries(scopes).map(([name, lets]) => ({ name, lets, service: title })),
      ),
      peers: { at: { knowledge: `http://127.0.0.1:${workPort}` }, keys },
    },
  );
  await core.app.listen({ host: "127.0.0.1", port: corePort });
  const at = `http://127.0.0.1:${corePort}`;
  const elsewhere = identityElsewhere();
  const work = await buildApp({
    version: "0",
    logLevel: "silent",
    services: [elsewhere, knowledge(), reading],
    verify: elsewhere.verify,
    database: { url: core.url },
    peers: { at: { identity: at, projects: at, secrets: at, "ai-gateway": at }, keys },
  });
  onTestFinished(() => work.close());
  await work.listen({ host: "127.0.0.1", port: workPort });
  return { core, work, upstream };
}

describe("the addresses of a stack's other hosts", () => {
  test.each([
    "knowledge",
    "[]",
    "null",
    "1",
    '{"knowledge": 1}',
    '{"knowledge": "work:4401"}',
    '{"a": "http://gateway/path"}',
  ])("are refused when they are %s, with what is right", async (given) => {
    await expect(peersOf(given, "/nowhere/master.key")).rejects.toThrow(
      'DEVFLOW_PEERS is not valid: it is a JSON object, such as {"knowledge"',
    );
  });

  test("need the key that all hosts share", async () => {
    await expect(peersOf('{"knowledge": "http://work:4401"}', undefined)).rejects.toThrow(
      "DEVFLOW_PEERS needs master keys",
    );
    expect(await peersOf(undefined, undefined)).toBeUndefined();
  });
});
