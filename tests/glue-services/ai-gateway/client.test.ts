import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { aiGatewayOf } from "../../../glue-services/ai-gateway/contract.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { says, startUpstream } from "./upstream.ts";

const unavailable = 503;

async function start() {
  const upstream = await startUpstream(says("One two three."));
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const caller = { organisation: rig.admin.identity.organisation, service: "knowledge" };
  return { upstream, rig, ...(await aiGatewayOf(rig.app).openai(caller)) };
}
const asked = { model: "mock/small", messages: question };

it("a service's client is answered whole and streamed, on its organisation's account, and is told in the gateway's words", async () => {
  const { client, APIError, rig, upstream } = await start();
  const whole = await client.chat.completions.create(asked);
  expect(whole.choices[0]?.message.content).toBe("One two three.");
  const words: string[] = [];
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
    words.push(chunk.choices[0]?.delta.content ?? "");
  }
  expect(words.join("")).toBe("One two three.");
  expect(words.filter((word) => word !== "").length).toBeGreaterThan(1);
  const rows = await rig.usage(2);
  expect(rows.map(({ organisation_id }) => organisation_id)).toEqual(rows.map(() => rig.admin.identity.organisation));
  const refused = await client.chat.completions.create({ ...asked, model: "nobody/none" }).catch((error) => error);
  expect(refused).toBeInstanceOf(APIError);
  expect(refused).toMatchObject({ status: 404, code: "model_not_found" });
  expect(upstream.got.filter(({ path }) => path.endsWith("/chat/completions"))).toHaveLength(2);
});

it("a service's client leaves trying again to the gateway, which does", async () => {
  const { client, upstream } = await start();
  upstream.next((_got, response) => response.writeHead(unavailable).end());
  const answer = await client.chat.completions.create(asked);
  expect(answer.choices[0]?.message.content).toBe("One two three.");
  expect(upstream.got).toHaveLength(2);
});

it("whoever stops waiting for a service's client is told at once, and a stream that has begun ends at the provider", async () => {
  const { client, upstream } = await start();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  upstream.next(async (got, response) => {
    await held;
    return says("Late.")(got, response);
  });
  const leaving = new AbortController();
  const waiting = client.chat.completions.create(asked, { signal: leaving.signal });
  await expect.poll(() => upstream.open).toBe(1);
  leaving.abort();
  await expect(waiting).rejects.toThrow("aborted");
  release();
  await expect.poll(() => upstream.open).toBe(0);

  upstream.does((_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "One" } }] })}\n\n`);
  });
  const ending = new AbortController();
  const stream = await client.chat.completions.create({ ...asked, stream: true }, { signal: ending.signal });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content === "One") break;
  }
  await expect.poll(() => upstream.open).toBe(0);
  ending.abort();
  await expect.poll(() => getEventListeners(ending.signal, "abort").length).toBe(0);
});
