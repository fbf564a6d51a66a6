import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSpool } from "../../../glue-services/ai-gateway/usage/spool.ts";
import { timeId } from "../../../glue-services/ai-gateway/usage/usage.ts";
import { storableJson, storableText } from "../../../glue-services/kit/index.ts";
import { seeded } from "../random.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { formOf, neighbour, postForm } from "./neighbours.ts";
import { refuses, startUpstream } from "./upstream.ts";

/** A row of usage as the gateway writes it. */
function row(organisation: string, more: object = {}) {
  const counts = { input: 3, cached: 0, output: 4, cost: 5, ms: 6 };
  const what = { surface: "chat", asked: "a", provider: "p", model: "m", status: "ok", code: 200 };
  const at = new Date().toISOString();
  return {
    id: timeId(),
    organisation,
    at,
    request: timeId(),
    ...what,
    ...counts,
    estimated: false,
    streamed: false,
    ...more,
  };
}

describe("metering of what hostile callers send", () => {
  test("names with U+0000, half a surrogate pair or 3 kB do not stop the metering of another organisation", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const [hostile, other] = [await rig.key(), await neighbour(rig)];
    upstream.does((got, response) => refuses(String(got.body.model) === "m" ? 200 : 404)(got, response));
    for (const model of [
      "mock/\u0000",
      "mock/\ud800",
      "mock/\udfff\ud800x",
      `mock/${"m".repeat(3000)}`,
      "mock/a\u0007b",
    ]) {
      const { status } = await rig.post(hostile, "/chat/completions", { model, messages: question });
      expect(status, JSON.stringify(model.slice(0, 20))).toBe(400);
    }
    for (const model of [`mock/${"m".repeat(3000)}`, "mock/\u0000", ""]) {
      const form = formOf([
        ["name=model", model],
        ['name="file"; filename="a.wav"', "sound"],
      ]);
      expect((await postForm(rig, hostile, "/audio/transcriptions", form)).status).toBe(400);
    }
    upstream.does(async (_got, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}');
    });
    const statuses = [];
    for (let i = 0; i < 80; i++) statuses.push(await other.call());
    expect(statuses.every((status) => status === 200)).toBe(true);
    await expect.poll(other.rows).toBe(80);
  });

  test("a spool that a former version left with rows nobody can write is worked off at the start, all others written", async () => {
    const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
    onTestFinished(() => rm(spool, { recursive: true, force: true }));
    const organisation = crypto.randomUUID();
    const poison = [
      row(organisation, { asked: "openai/\u0000" }),
      row(organisation, { model: "\ud800" }),
      row(organisation, { model: Array.from({ length: 4000 }, () => Math.random().toString(36)).join("") }),
      row(organisation, { status: "no such status" }),
      row(organisation, { input: 1e30 }),
    ];
    const good = Array.from({ length: 300 }, () => row(organisation));
    const lines = [...good.slice(0, 100), ...poison, ...good.slice(100)].map((one) => JSON.stringify(one));
    lines.splice(200, 0, '{"half":{"row"}');
    await writeFile(join(spool, "4194999-dead-00000000.rows"), `${lines.join("\n")}\n`);
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)], spool });
    const other = await neighbour(rig);
    expect(await other.call()).toBe(200);
    await expect.poll(other.rows).toBe(1);
    const { rows } = await rig.owner.query("select count(*)::int as count from ai_gateway.usage");
    expect(rows).toEqual([{ count: 301 }]);
    const aside = (await readFile(join(spool, "set-aside.jsonl"), "utf8")).trimEnd().split("\n");
    expect(aside).toHaveLength(poison.length + 1);
    const metrics = await rig.app.inject({ url: "/internal/metrics" });
    expect(metrics.body).toContain(`ai_gateway_usage_set_aside ${poison.length + 1}`);
  });

  test("of rows of which some are refused all others are written once, whichever they are (seeded)", async () => {
    const random = seeded(7);
    for (let round = 0; round < 40; round++) {
      const folder = await mkdtemp(join(tmpdir(), "devflow-spool-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const written = new Set<number>();
      const told: unknown[] = [];
      const spool = await openSpool({
        folder,
        bound: 1e9,
        every: 1e6,
        async write(rows) {
          const all = JSON.parse(rows) as { n: number; bad: boolean }[];
          if (all.some(({ bad }) => bad)) throw Object.assign(new Error("no"), { code: "22P05" });
          for (const { n } of all) written.add(n);
        },
        failed: (error) => told.push(error),
      });
      const rows = Array.from({ length: 1 + random.below(200) }, (_, n) => ({ n, bad: random.below(20) === 0 }));
      for (const one of rows) spool.add(JSON.stringify(one));
      await spool.drain();
      await spool.close();
      expect([...written].sort((a, b) => a - b)).toEqual(rows.filter(({ bad }) => !bad).map(({ n }) => n));
      expect([spool.aside, spool.bytes, told]).toEqual([rows.filter(({ bad }) => bad).length, 0, []]);
    }
  });

  test("what is no row's fault is tried again, and sets no row aside", async () => {
    const folder = await mkdtemp(join(tmpdir(), "devflow-spool-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    let code = "42883";
    const written: string[] = [];
    const spool = await openSpool({
      folder,
      bound: 1e9,
      every: 1e6,
      async write(rows) {
        if (code) throw Object.assign(new Error("no"), { code });
        written.push(rows);
      },
      failed() {},
    });
    spool.add('{"n":1}');
    for (const one of ["42883", "57P01", "40P01", "53100"]) {
      code = one;
      await expect(spool.drain()).rejects.toThrow("no");
    }
    code = "";
    await spool.close();
    expect([written, spool.aside]).toEqual([['[{"n":1}]'], 0]);
  });
});

describe("texts that PostgreSQL keeps", () => {
  test("whatever is in a value, its JSON and its texts are taken by PostgreSQL (10,000 values, seeded)", async () => {
    const random = seeded(11);
    const pieces = [
      "a",
      "\u0000",
      "\ud800",
      "\udc00",
      "\\",
      "\\u0000",
      '"',
      "é",
      "\u{1f600}",
      "\n",
      "\ud83d",
      "\\ud800",
    ];
    const text = () => Array.from({ length: random.below(6) }, () => random.pick(pieces)).join("");
    const values = Array.from({ length: 10_000 }, () => ({ [text()]: text(), list: [text(), { deep: text() }] }));
    const rig = await startGateway();
    const { rows } = await rig.owner.query(
      "select jsonb_array_length($1::jsonb) as values, cardinality($2::text[]) as texts",
      [storableJson(values), values.map(({ list }) => storableText(String(list[0])))],
    );
    expect(rows).toEqual([{ values: 10_000, texts: 10_000 }]);
    for (const value of values) {
      const kept = JSON.parse(storableJson(value.list[0])) as string;
      expect(kept).toBe(storableText(value.list[0] as string));
    }
  });

  test("a text without such characters is kept letter by letter, and a long one is cut", () => {
    expect(storableText("\\u0000 é \u{1f600}")).toBe("\\u0000 é \u{1f600}");
    expect(JSON.parse(storableJson({ a: "\\u0000 \\ud800" }))).toEqual({ a: "\\u0000 \\ud800" });
    expect(storableText("a\u0000b\ud800", 3)).toBe("ab");
    expect(storableText("ab\u{1f600}", 3)).toBe("ab\ufffd");
  });
});

describe("forms", () => {
  const file = ['name="file"; filename="a.wav"', "sound"] as const;

  test("a form that two servers could read in two ways is refused, and the provider gets none of it", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key({ models: ["mock/cheap"] });
    const good = formOf([['name="model"', "mock/cheap"], file]);
    const hidden = '\n--b0undary\nContent-Disposition: form-data; name="model"\n\nmock/dear\n--b0undary--\n';
    const forms: Record<string, string> = {
      "two models": formOf([['name="model"', "mock/cheap"], ['name="model"', "mock/dear"], file]),
      "two models, the second without quotes": formOf([
        ['name="model"', "mock/cheap"],
        ["name=model", "mock/dear"],
        file,
      ]),
      "two models, one in capitals": formOf([['name="model"', "mock/cheap"], ['name="Model"', "mock/dear"], file]),
      "two names in a head": formOf([['name="model"; name="x"', "mock/cheap"], file]),
      "an extended name": formOf([
        ['name="model"', "mock/cheap"],
        ["name=\"x\"; name*=utf-8''model", "mock/dear"],
      ]),
      "a model that is a file": formOf([['name="model"; filename="m"', "mock/cheap"], file]),
      "another part within a file, by bare line feeds": formOf([
        ['name="model"', "mock/cheap"],
        [file[0], `a${hidden}`],
      ]),
      "something after the end": `${good}--b0undary\r\nContent-Disposition: form-data; name="model"\r\n\r\nmock/dear\r\n--b0undary--\r\n`,
      "something before the begin": `--x\r\n${good}`,
      "two dispositions": formOf([['name="x"\r\nContent-Disposition: form-data; name="model"', "mock/cheap"]]),
      "no end": good.replace("--b0undary--\r\n", ""),
      "many parts": formOf([
        ["name=model", "mock/cheap"],
        ...Array.from({ length: 600 }, (_, at) => [`name="f${at}"`, ""] as const),
      ]),
    };
    for (const [name, form] of Object.entries(forms)) {
      const { status, body } = await postForm(rig, key, "/audio/transcriptions", form);
      expect([status, body.error?.code], name).toEqual([400, "invalid_form"]);
    }
    const twice = "multipart/form-data; boundary=b0undary; boundary=other";
    expect((await postForm(rig, key, "/audio/transcriptions", good, twice)).status).toBe(400);
    expect(upstream.got).toHaveLength(0);
    upstream.does((_got, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"text":"hi"}');
    });
    for (const model of ['name="model"', "name=model"]) {
      const form = formOf([file, [model, "mock/cheap"]]);
      expect((await postForm(rig, key, "/audio/transcriptions", form)).status).toBe(200);
    }
    expect(upstream.got.map(({ text }) => text.includes("\r\n\r\ncheap\r\n"))).toEqual([true, true]);
  });

  test("names of models that mean nothing leave nothing behind, however long and however many", async () => {
    const upstream = await startUpstream(refuses(404));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key();
    for (let i = 0; i < 12; i++) {
      const form = formOf([['name="model"', `mock/${i}${"m".repeat(1_000_000)}`], file]);
      expect((await postForm(rig, key, "/audio/transcriptions", form)).status).toBe(400);
    }
    expect(upstream.got).toHaveLength(0);
  });
});
