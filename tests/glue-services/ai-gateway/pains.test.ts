import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { forgetUsage } from "../../../glue-services/ai-gateway/jobs.ts";
import { person } from "../build.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { cutsAfter, deltas, event, refuses, says, startUpstream, streams } from "./upstream.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

// What users of other gateways complain about stands by its number in the names of the tests that show it is not so here,
// most of them where the rest of their subject is.
describe("what users of other gateways complain about", () => {
  test("a model is not left for another one before its budget is used up (Bifrost #5770)", async () => {
    const [first, second] = [await startUpstream(says("one")), await startUpstream(says("two"))];
    const rig = await startGateway({
      providers: [provider(first.url, { name: "first" }), provider(second.url, { name: "second" })],
    });
    await rig.ask("PUT", "/routes/both", { targets: [{ model: "first/a" }, { model: "second/b", group: 1 }] });
    const budget = { level: "organisation", model: "first/a", unit: "requests", period: "day" };
    await rig.ask("PUT", "/budgets", { ...budget, amount: 5 });
    const key = await rig.key();
    const ask = () => rig.post(key, "/chat/completions", { model: "both", messages: question });
    for (let i = 0; i < 5; i++) expect((await ask()).body.choices[0].message.content).toBe("one");
    expect([first.got.length, second.got.length]).toEqual([5, 0]);
    await ask();
    expect(first.got).toHaveLength(5);
  });

  test("a stream that another model goes on with counts what both said (Archon #2352: resumed runs undercount)", async () => {
    const counted = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
    const first = await startUpstream(
      cutsAfter(...deltas("Once upon a time "), event({ choices: [], usage: counted })),
    );
    const second = await startUpstream(says("there was.", { input: 20, output: 3 }));
    const rig = await startGateway({
      providers: [provider(first.url, { name: "first" }), provider(second.url, { name: "second" })],
    });
    await rig.ask("PUT", "/routes/both", {
      targets: [{ model: "first/a" }, { model: "second/b", group: 1 }],
      options: { retries: 0, cut: "continue" },
    });
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "tokens", amount: 100_000, period: "day" });
    await rig.post(await rig.key(), "/chat/completions", { model: "both", messages: question, stream: true });
    const rows = await rig.usage(2);
    const sum = rows.reduce((all, row) => all + Number(row.input_tokens) + Number(row.output_tokens), 0);
    expect(sum).toBeGreaterThanOrEqual(23 + 10);
    await expect
      .poll(async () => Number((await rig.owner.query("select sum(spent) as s from ai_gateway.counter")).rows[0].s))
      .toBe(sum);
  });

  test("whose a call is says its key, whatever the request says of itself (Hephaestus: an agent names itself)", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const other = person();
    const key = await rig.key();
    const answer = await fetch(`${rig.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "x-organisation": other.identity.organisation,
        "x-devflow-organisation": other.identity.organisation,
        "openai-organization": other.identity.organisation,
        "x-agent-id": other.identity.person ?? "",
      },
      body: JSON.stringify({
        model: "mock/m",
        messages: question,
        user: other.identity.person,
        metadata: { organisation: other.identity.organisation },
      }),
    });
    expect(answer.status).toBe(200);
    expect(await rig.usage(1)).toMatchObject([{ organisation_id: rig.admin.identity.organisation, person: null }]);
    const theirs = await rig.app.inject({ method: "GET", url: "/api/ai/calls", headers: other.headers });
    expect(theirs.json()).toEqual([]);
  });

  test("old usage is deleted piece by piece, and its sums stay (LiteLLM #21908: the cleanup runs out of memory)", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    await rig.post(await rig.key(), "/chat/completions", { model: "mock/m", messages: question });
    const [row] = await rig.usage(1);
    const columns = Object.keys(row ?? {}).filter((name) => !["id", "at"].includes(name));
    await rig.owner.query(
      `insert into ai_gateway.usage (id, at, ${columns}) select gen_random_uuid(), now() - interval '91 days', ${columns}
       from ai_gateway.usage, generate_series(1, 45000)`,
    );
    const asked: string[] = [];
    const pool = {
      query: (text: string, values: unknown[]) => {
        asked.push(text);
        return rig.owner.query(text, values);
      },
    };
    const context = { database: { pool }, signal: AbortSignal.timeout(300_000) };
    await forgetUsage.run({}, context as unknown as Parameters<typeof forgetUsage.run>[1]);
    expect(asked.filter((text) => text.includes("forget_usage"))).toHaveLength(3);
    expect((await rig.owner.query("select from ai_gateway.usage")).rowCount).toBe(1);
    const days = await rig.ask<{ requests: number }[]>("GET", "/usage");
    expect(days.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  test("memory stays as it was over thousands of calls, failed and unknown ones among them (LiteLLM #12685, #15128, #27954)", async () => {
    const upstream = await startUpstream(says("hi"));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key();
    const round = async (calls: number, mark: string) => {
      for (let at = 0; at < calls; at += 20) {
        await Promise.all(
          Array.from({ length: 20 }, (_, i) => {
            // Names that nobody has seen before must not be kept either.
            const model = i === 0 ? `nobody/${mark}-${at}` : "mock/m";
            return rig.post(key, "/chat/completions", {
              model,
              messages: question,
              stream: i % 2 === 0,
              user: `${mark}${at}`,
            });
          }),
        );
        upstream.got.length = 0;
      }
      collect();
      return process.memoryUsage().heapUsed / 1024 / 1024;
    };
    await round(600, "warm");
    const before = await round(400, "a");
    const after = await round(1600, "b");
    expect(after - before).toBeLessThan(16);
  });

  test("every package is pinned and comes with its hash (LiteLLM #24518: malware in a release)", () => {
    const read = (name: string) => JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8"));
    const { dependencies, devDependencies, optionalDependencies } = read("package.json");
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)),
    );
    expect(loose).toEqual([]);
    const packages = Object.entries(
      read("package-lock.json").packages as Record<string, { integrity?: string; link?: boolean; inBundle?: boolean }>,
    );
    expect(packages.length).toBeGreaterThan(300);
    const unhashed = packages.filter(
      ([path, { integrity, link, inBundle }]) => path !== "" && !link && !inBundle && !/^sha512-/.test(integrity ?? ""),
    );
    expect(unhashed.map(([path]) => path)).toEqual([]);
  });

  test("a stream of hostile events harms nobody: endless names, deep nesting, half of a letter (malformed SSE)", async () => {
    const deep = `data: ${"[".repeat(20_000)}\n\n`;
    const upstream = await startUpstream(
      streams(
        ": a comment\n\n",
        "event: ping\ndata:\n\n",
        deep,
        'data: {"choices": \n\n',
        "data: null\n\n",
        "data: []\n\n",
        `${"x".repeat(100_000)}: y\n\n`,
        "\u0000\u0001\n\n",
        ...deltas("Still here."),
        event({
          id: "1",
          object: "chat.completion.chunk",
          created: 1,
          model: "m",
          choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
        }),
        "data: [DONE]\n\n",
      ),
    );
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const client = rig.openai(await rig.key());
    const parts: string[] = [];
    const stream = await client.chat.completions.create({ model: "mock/m", messages: question, stream: true });
    for await (const chunk of stream) parts.push(chunk?.choices?.[0]?.delta?.content ?? "");
    expect(parts.join("")).toBe("Still here.");
    upstream.does(refuses(500));
    expect((await rig.post(await rig.key(), "/chat/completions", { model: "mock/m", messages: question })).status).toBe(
      502,
    );
  });
});
