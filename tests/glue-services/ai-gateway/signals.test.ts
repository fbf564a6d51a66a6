import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { aiGatewayOf } from "../../../glue-services/ai-gateway/contract.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { says, startUpstream } from "./upstream.ts";

it("a job that asks many questions under one signal leaves no listener of an answer that has ended, and still ends one that has not", async () => {
  const upstream = await startUpstream(says("Hello."));
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const { organisation } = rig.admin.identity;
  const caller = { organisation, service: "knowledge" };
  const stop = new AbortController();
  const body = { model: "mock/small", messages: question };
  const ask = () => aiGatewayOf(rig.app).call(caller, "/v1/chat/completions", body, stop.signal);
  for (let n = 0; n < 30; n++) {
    const answer = await ask();
    for await (const _ of answer.body);
    expect(answer.status).toBe(200);
  }
  await expect.poll(() => getEventListeners(stop.signal, "abort").length).toBe(0);
  const last = await ask();
  stop.abort();
  await expect.poll(() => last.body.destroyed).toBe(true);
});
