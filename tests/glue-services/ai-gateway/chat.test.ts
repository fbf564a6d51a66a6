import { describe, expect, test } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { says, startUpstream } from "./upstream.ts";

describe("a chat through the gateway", () => {
  test("a whole answer comes from the provider with its own key, and is metered once in PostgreSQL", async () => {
    const upstream = await startUpstream(says("Hello there.", { input: 12, output: 3 }));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key();
    const answer = await rig.openai(key).chat.completions.create({ model: "mock/small", messages: question });
    expect(answer.choices[0]?.message.content).toBe("Hello there.");
    expect(upstream.got[0]?.headers.authorization).toBe("Bearer value-of-MOCK_KEY");
    expect(upstream.got[0]?.body.model).toBe("small");
    const [row, ...others] = await rig.usage(1);
    expect(row).toMatchObject({ provider: "mock", model: "small", asked: "mock/small", status: "ok", streamed: false });
    expect([Number(row?.input_tokens), Number(row?.output_tokens), row?.estimated]).toEqual([12, 3, false]);
    expect(others).toEqual([]);
  });

  test("a streamed answer arrives piece by piece, and its usage is metered without the client seeing it", async () => {
    const upstream = await startUpstream(says("one two three", { input: 20, output: 6 }));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const stream = await rig.openai(await rig.key()).chat.completions.create({
      model: "mock/small",
      messages: question,
      stream: true,
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("one two three");
    expect(chunks.every((chunk) => chunk.choices.length > 0)).toBe(true);
    const [row] = await rig.usage(1);
    expect(row).toMatchObject({ status: "ok", streamed: true, estimated: false });
    expect([Number(row?.input_tokens), Number(row?.output_tokens)]).toEqual([20, 6]);
  });

  test("a client that asks for the usage of a stream gets it", async () => {
    const upstream = await startUpstream(says("one", { input: 7, output: 1 }));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const stream = await rig.openai(await rig.key()).chat.completions.create({
      model: "mock/small",
      messages: question,
      stream: true,
      stream_options: { include_usage: true },
    });
    let usage: { total_tokens: number } | null | undefined;
    for await (const chunk of stream) usage = chunk.usage ?? usage;
    expect(usage?.total_tokens).toBe(8);
  });

  test("without a key, with a wrong one, a revoked one or an expired one nothing is asked of the provider", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const revoked = await rig.ask<{ id: string; key: string }>("POST", "/keys", { name: "revoked" });
    const body = { model: "mock/small", messages: question };
    expect((await rig.post(revoked.key, "/chat/completions", body)).status).toBe(200);
    await rig.ask("DELETE", `/keys/${revoked.id}`);
    await expect.poll(async () => (await rig.post(revoked.key, "/chat/completions", body)).status).toBe(401);
    const expired = await rig.key();
    expect((await rig.post(expired, "/chat/completions", body)).status).toBe(200);
    await rig.owner.query("update ai_gateway.virtual_key set expires_at = now() where revoked_at is null");
    await expect.poll(async () => (await rig.post(expired, "/chat/completions", body)).status).toBe(401);
    const asked = upstream.got.length;
    for (const wrong of ["", "nonsense", `dfv_${"x".repeat(43)}`]) {
      const { status, body: said } = await rig.post(wrong, "/chat/completions", body);
      expect(status).toBe(401);
      expect(said.error.type).toBe("authentication_error");
    }
    expect(upstream.got.length).toBe(asked);
  });
});
