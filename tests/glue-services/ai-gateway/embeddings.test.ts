import { encode } from "gpt-tokenizer/encoding/cl100k_base";
import { describe, expect, test } from "vitest";
import { aiGatewayOf } from "../../../glue-services/ai-gateway/contract.ts";
import { localFiles, provider, startGateway } from "./gateway.ts";
import { startUpstream } from "./upstream.ts";

function cosine(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

describe("embeddings on this machine", () => {
  test("texts that mean the same are near each other, with no provider and no network", async () => {
    const rig = await startGateway({ local: await localFiles() });
    const client = rig.openai(await rig.key());
    const input = ["How do I reset my password?", "I forgot my login credentials", "The cat sat on the mat"];
    const { data, usage, model } = await client.embeddings.create({ model: "embed", input });
    const [reset, forgot, cat] = data.map(({ embedding }) => embedding) as [number[], number[], number[]];
    expect([reset.length, model]).toEqual([384, "local/multilingual-e5-small"]);
    expect(cosine(reset, reset)).toBeCloseTo(1, 4);
    expect(cosine(reset, forgot)).toBeGreaterThan(cosine(reset, cat) + 0.3);
    expect(usage.prompt_tokens).toBe(36);
    const [row] = await rig.usage(1);
    expect(row).toMatchObject({ provider: "local", surface: "embeddings", status: "ok", cost: "0" });
  });

  test("a question finds the passage that answers it in whatever language either is", async () => {
    const rig = await startGateway({ local: await localFiles() });
    const client = rig.openai(await rig.key());
    const embed = async (input: string[], input_type: string) => {
      const { data } = await client.embeddings.create({ model: "embed", input, ...{ input_type } });
      return data.map(({ embedding }) => embedding);
    };
    const passages = await embed(
      [
        "Customers may return the goods within thirty days and get their money back.",
        "Der Zug nach Bern fährt um acht Uhr von Gleis drei ab.",
        "猫主要吃肉，很少喝水。",
        "Le fichier de configuration se trouve dans le dossier personnel.",
        "パスワードは設定の画面で変更できます。",
        "Музей закрыт по понедельникам и в праздники.",
      ],
      "passage",
    );
    const questions = await embed(
      [
        "Wie lange kann ich etwas zurückgeben?",
        "¿A qué hora sale el tren?",
        "What does a cat eat?",
        "Где находится файл конфигурации?",
        "Comment changer le mot de passe ?",
        "博物馆星期几不开门？",
      ],
      "query",
    );
    const nearest = questions.map((question) => {
      const near = passages.map((passage) => cosine(question, passage));
      return near.indexOf(Math.max(...near));
    });
    expect(nearest).toEqual([0, 1, 2, 3, 4, 5]);
    const key = await rig.key();
    const wrong = { model: "embed", input: "a text", input_type: "image" };
    expect((await rig.post(key, "/embeddings", wrong)).body.error.message).toContain("input_type");
  });

  test("base64 and float are the same numbers, and fewer dimensions are of length one", async () => {
    const rig = await startGateway({ local: await localFiles() });
    const key = await rig.key();
    const ask = async (more: object) =>
      (await rig.post(key, "/embeddings", { model: "local/multilingual-e5-small", input: "a text", ...more })).body;
    const floats = (await ask({ encoding_format: "float" })).data[0].embedding as number[];
    const base64 = (await ask({ encoding_format: "base64" })).data[0].embedding as string;
    expect([...new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer)]).toEqual(floats);
    const short = (await ask({ dimensions: 64 })).data[0].embedding as number[];
    expect([short.length, cosine(short, short)]).toEqual([64, expect.closeTo(1, 4)]);
    expect((await ask({ dimensions: 385 })).error.code).toBe("invalid_request");
    expect((await ask({ input: [] })).error.code).toBe("invalid_request");
  });

  test("tokens of OpenAI's encoding, which LangChain's client sends in place of texts, are the texts they stand for", async () => {
    const rig = await startGateway({ local: await localFiles() });
    const key = await rig.key();
    const texts = ["How do I reset my password?", "Grüße aus 東京 😀"];
    const ask = async (input: unknown) => {
      const { status, body } = await rig.post(key, "/embeddings", { model: "embed", input });
      return status === 200 ? body.data.map(({ embedding }: { embedding: number[] }) => embedding) : body.error;
    };
    const expected = await ask(texts);
    expect(await ask(texts.map((text) => encode(text)))).toEqual(expected);
    expect(await ask(encode(texts[0] as string))).toEqual([expected[0]]);
    expect(await ask([[1, 2.5]])).toMatchObject({ code: "invalid_request", param: "input" });
    expect(await ask([[100_300]])).toMatchObject({ code: "invalid_request" });
    expect(await ask([[]])).toMatchObject({ code: "invalid_request" });
  });

  test("a glue service embeds for an organisation without a key, and the usage is that organisation's", async () => {
    const rig = await startGateway({ local: await localFiles() });
    const { organisation } = rig.admin.identity;
    const caller = { organisation, service: "knowledge" };
    const answer = await aiGatewayOf(rig.app).call(caller, "/v1/embeddings", { model: "embed", input: "chunk" });
    expect(answer.status).toBe(200);
    const chunks = await answer.body.toArray();
    expect(JSON.parse(Buffer.concat(chunks).toString()).data[0].embedding).toHaveLength(384);
    const [row] = await rig.usage(1);
    expect(row).toMatchObject({ organisation_id: organisation, service: "knowledge", key_id: null });
  });

  test("a text longer than the model reads is cut, and many texts come back in order", async () => {
    const rig = await startGateway({ local: await localFiles() });
    const client = rig.openai(await rig.key());
    const input = ["word ".repeat(20_000), ...Array.from({ length: 60 }, (_, i) => `text number ${i}`)];
    const { data } = await client.embeddings.create({ model: "embed", input });
    const again = await client.embeddings.create({ model: "embed", input: "text number 42" });
    expect(data).toHaveLength(61);
    expect(cosine(data[43]?.embedding ?? [], again.data[0]?.embedding ?? [])).toBeCloseTo(1, 5);
  });
});

describe("embeddings of a provider", () => {
  test("a provider that answers numbers when it was asked for base64 gives the client the right vector (openai decodes blindly)", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    // The client asks for base64 by itself and decodes whatever comes.
    const { data } = await rig.openai(await rig.key()).embeddings.create({ model: "mock/embed", input: "a text" });
    expect(data[0]?.embedding).toEqual([0.5, -0.25, 0.125, 1]);
    const [row] = await rig.usage(1);
    expect(Number(row?.input_tokens)).toBe(3);
  });
});
