import assert from "node:assert/strict";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  admits,
  breaker,
  type Circuit,
  type CircuitEvent,
  closed,
  rules,
  step,
} from "../../../glue-services/ai-gateway/routing/breaker.ts";
import { holdTimers } from "../held-timers.ts";
import { seeded } from "../random.ts";
import { provider, question, type Rig, startGateway } from "./gateway.ts";
import { neighbour } from "./neighbours.ts";
import { type Answer, refuses, says, stallsAfter, startUpstream } from "./upstream.ts";

/** Moves the clock on; timers run on. */
function holdTime(): { forward(ms: number): void } {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  return { forward: (ms) => void vi.setSystemTime(Date.now() + ms) };
}

describe("a circuit", () => {
  test("whatever calls came to, it is always tried again when its pause is over and no probe is under way (20,000 sequences, seeded)", () => {
    const random = seeded(3);
    for (let round = 0; round < 20_000; round++) {
      let circuit: Circuit = closed;
      let now = 0;
      let calls = 0;
      const under: number[] = [];
      for (let events = 1 + random.below(40); events > 0; events--) {
        now += random.pick([0, 0, 1, 500, rules.pause, rules.probe, rules.longest]);
        const leaving = under.splice(random.below(under.length + 1), 1)[0];
        let event: CircuitEvent;
        if (leaving === undefined || random.below(2) === 0) {
          if (leaving !== undefined) under.push(leaving);
          const admitted = admits(circuit, now);
          event = { is: "entered", call: ++calls, now };
          if (admitted) under.push(calls);
          else assert.equal(step(circuit, event), circuit);
        } else event = { is: random.pick(["succeeded", "failed", "left"] as const), call: leaving, now };
        const before = circuit;
        circuit = step(before, event);
        // A success ends it all; only a failure makes a pause longer, and never longer than the longest.
        if (circuit.is === "open") assert.ok(circuit.until - now <= rules.longest);
        if (circuit.is === "half-open") assert.ok(under.includes(circuit.probe));
        if (circuit.is !== "closed") assert.ok(circuit.failures >= rules.failures);
        else assert.ok(circuit.failures < rules.failures);
        if (event.is === "left" && before.is === "closed") assert.equal(circuit, before);
      }
      assert.ok(admits(circuit, now + Math.max(rules.longest, rules.probe)));
    }
  });

  test("a probe that ends without a verdict gives its place to the next call at once, and one that succeeds closes it", () => {
    const circuits = breaker();
    for (let i = 0; i < rules.failures; i++) circuits.enter("a", 0)?.failed(0);
    expect(circuits.enter("a", rules.pause - 1)).toBeUndefined();
    const time = holdTime();
    vi.setSystemTime(rules.pause);
    for (let i = 0; i < 3; i++) {
      using probe = circuits.enter("a");
      expect(probe).toBeDefined();
      expect(circuits.enter("a")).toBeUndefined();
    }
    // One that never ends is overdue after a while.
    expect(circuits.enter("a")).toBeDefined();
    time.forward(rules.probe);
    const probe = circuits.enter("a");
    expect(circuits.open()).toEqual(["a"]);
    probe?.succeeded();
    expect(circuits.open()).toEqual([]);
  });

  test("calls that began before it opened have no say in it, and names without number do not fill the memory", () => {
    const circuits = breaker();
    const late = [circuits.enter("a", 0), circuits.enter("a", 0)];
    for (let i = 0; i < rules.failures; i++) circuits.enter("a", 0)?.failed(0);
    late[0]?.succeeded();
    late[1]?.failed(1_000_000);
    expect(circuits.enter("a", 0)).toBeUndefined();
    expect(circuits.enter("a", rules.pause)).toBeDefined();
    for (let i = 0; i < 30_000; i++) {
      for (let n = 0; n < rules.failures; n++) circuits.enter(`name ${i}`, 0)?.failed(0);
    }
    expect(circuits.open().length).toBeLessThanOrEqual(10_000);
  });
});

describe("calls through a circuit", () => {
  const one = { retries: 0, stallMs: 61_000 };

  async function opened(): Promise<{
    rig: Rig;
    key: string;
    does(answer: Answer): void;
    ask(body?: object): Promise<number>;
  }> {
    const upstream = await startUpstream(refuses(500));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    await rig.ask("PUT", "/routes/one", { targets: [{ model: "mock/m" }], options: one });
    const key = await rig.key();
    const ask = async (body: object = {}) =>
      (await rig.post(key, "/chat/completions", { model: "one", messages: question, ...body })).status;
    for (let i = 0; i < rules.failures; i++) expect(await ask()).toBe(502);
    const { length } = upstream.got;
    expect(await ask()).toBe(502);
    expect(upstream.got).toHaveLength(length);
    return { rig, key, does: (answer) => upstream.does(answer), ask };
  }

  const ends: Record<string, Answer> = {
    "answered 429": refuses(429),
    "answered 401": refuses(401),
    "answered 400": refuses(400),
    "never answered": stallsAfter(),
    "answered 500": refuses(500),
  };
  test.each(Object.keys(ends))(
    "after a probe that was %s a model is tried again when the pause is over",
    async (end) => {
      const time = holdTime();
      const { does, ask } = await opened();
      const stalls = holdTimers(one.stallMs);
      time.forward(rules.pause);
      does(ends[end] as Answer);
      const probe = ask();
      if (end === "never answered") {
        await expect.poll(() => stalls.waiting).toBe(1);
        stalls.goOff();
      }
      expect(await probe).toBeGreaterThanOrEqual(400);
      time.forward(rules.longest);
      does(says("well again"));
      expect(await ask()).toBe(200);
    },
  );

  test("after a probe whose client left a model is tried again", async () => {
    const time = holdTime();
    const { rig, key, does, ask } = await opened();
    time.forward(rules.pause);
    const leaving = new AbortController();
    does(() => leaving.abort());
    const body = JSON.stringify({ model: "one", messages: question });
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const sent = fetch(`${rig.url}/v1/chat/completions`, { method: "POST", headers, body, signal: leaving.signal });
    await expect(sent).rejects.toThrow();
    await rig.usage(rules.failures + 1);
    does(says("well again"));
    expect(await ask()).toBe(200);
  });

  test("after a probe that a budget or a missing key stopped a model is tried again", async () => {
    const time = holdTime();
    let missing = false;
    const upstream = await startUpstream(refuses(500));
    const rig = await startGateway({
      providers: [provider(upstream.url)],
      readKey: async () => {
        if (missing) throw new Error("no such secret");
        return "key";
      },
    });
    await rig.ask("PUT", "/routes/one", { targets: [{ model: "mock/m" }], options: one });
    const key = await rig.key();
    const ask = async () => (await rig.post(key, "/chat/completions", { model: "one", messages: question })).status;
    for (let i = 0; i < rules.failures; i++) await ask();
    time.forward(rules.pause);
    upstream.does(refuses(401));
    await ask();
    missing = true;
    expect(await ask()).toBe(503);
    missing = false;
    const budget = { level: "organisation", unit: "requests", period: "ever" };
    await rig.ask("PUT", "/budgets", { ...budget, amount: 0 });
    expect(await ask()).toBe(429);
    await rig.ask("PUT", "/budgets", { ...budget, amount: 10 });
    upstream.does(says("well again"));
    await expect.poll(ask).toBe(200);
  });

  test("one organisation's failures with a model of the platform shut it for no other, whatever it sends and however short its times", async () => {
    const upstream = await startUpstream((got, response) =>
      got.body.user === "hostile" ? refuses(500)(got, response) : says("hi")(got, response),
    );
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const other = await neighbour(rig);
    const key = await rig.key();
    await rig.ask("PUT", "/routes/short", { targets: [{ model: "mock/m" }], options: { ...one, firstByteMs: 100 } });
    const send = (body: object) =>
      rig.post(key, "/chat/completions", { model: "mock/m", messages: question, user: "hostile", ...body });
    for (let i = 0; i < 4; i++) {
      await Promise.all([send({}), send({ stream: true }), send({ model: "short" })]);
      expect((await send({ stream: "true" })).status).toBe(400);
    }
    const metrics = await (await fetch(`${rig.url}/internal/metrics`)).text();
    expect(metrics).toContain("ai_gateway_breakers_open 1");
    expect(await other.call()).toBe(200);
  });
});

describe("what a provider asks to wait for", () => {
  const start = async (after: string) => {
    const upstream = await startUpstream(refuses(429, "slow down", { "retry-after": after }));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key();
    const answer = await rig.post(key, "/chat/completions", { model: "mock/m", messages: question });
    return { answer, tries: upstream.got.length };
  };

  test("a long wait is the client's to wait for: the model is asked once, and the client told how long", async () => {
    const { answer, tries } = await start("3600");
    expect([answer.status, tries, answer.headers.get("retry-after")]).toEqual([429, 1, "3600"]);
  });

  test("a wait that is a date is understood as one", async () => {
    const { answer, tries } = await start(new Date(Date.now() + 600_000).toUTCString());
    expect([answer.status, tries]).toEqual([429, 1]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(500);
    expect(Number(answer.headers.get("retry-after"))).toBeLessThanOrEqual(600);
  });

  test("what is neither a number nor a date is no wait", async () => {
    const { answer, tries } = await start("soon");
    expect([answer.status, tries, answer.headers.get("retry-after")]).toEqual([429, 2, null]);
  });
});
