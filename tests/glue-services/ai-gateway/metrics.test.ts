import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { measureGateway } from "../../../glue-services/ai-gateway/metrics.ts";
import type { UsageRow } from "../../../glue-services/ai-gateway/usage/usage.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { refuses, says, startUpstream } from "./upstream.ts";

const planted = `ghp_${"aB3".repeat(12)}`;

test("Prometheus sees calls, tokens, cost, findings of guardrails, open breakers and what waits, and nobody's name", async () => {
  const upstream = await startUpstream(says("hi", { input: 10, output: 5 }));
  const broken = await startUpstream(refuses(500));
  const rig = await startGateway({
    providers: [provider(upstream.url, { free: false }), provider(broken.url, { name: "broken" })],
  });
  await rig.ask("PUT", "/prices", { model: "mock/small", input: 1, output: 2 });
  await rig.ask("PUT", "/policy", { guards: { secrets: "redact" }, record: true });
  await rig.ask("PUT", "/routes/broken-alone", { targets: [{ model: "broken/a" }], options: { retries: 0 } });
  const key = await rig.key({ name: "a name of a key" });
  const say = (model: string, content: string, more: object = {}) =>
    rig.post(key, "/chat/completions", { model, messages: [{ role: "user", content }], ...more });
  const measured = async () => {
    const text = await (await fetch(`${rig.url}/internal/metrics`)).text();
    const value = (start: string) => {
      const line = text.split("\n").find((one) => one.startsWith(start));
      return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
    };
    return { text, value };
  };

  expect((await measured()).value("ai_gateway_breakers_open")).toBe(0);
  expect((await say("mock/small", "Hello.")).status).toBe(200);
  expect((await say("mock/small", `My token is ${planted}.`)).status).toBe(200);
  await say("mock/small", "Hello.", { stream: true });
  for (let i = 0; i < 6; i++) expect((await say("broken-alone", "Hello.")).status).toBeGreaterThanOrEqual(500);
  await rig.usage(4);

  const { text, value } = await measured();
  const labels = 'provider="mock",model="small"';
  expect(value(`ai_gateway_calls_total{${labels},status="ok"}`)).toBe(3);
  expect(value('ai_gateway_calls_total{provider="broken",model="a",status="failed"}')).toBeGreaterThanOrEqual(5);
  expect(value(`ai_gateway_tokens_total{${labels},direction="input"}`)).toBe(30);
  expect(value(`ai_gateway_tokens_total{${labels},direction="output"}`)).toBe(15);
  expect(value(`ai_gateway_cost_dollars_total{${labels}}`)).toBeCloseTo(3 * 20e-6, 9);
  expect(value(`ai_gateway_call_duration_seconds_count{${labels}}`)).toBe(3);
  expect(value('ai_gateway_guardrail_findings_total{guard="secrets",action="redact",side="question"}')).toBe(1);
  expect(value("ai_gateway_breakers_open")).toBe(1);
  expect(value("ai_gateway_audit_dropped")).toBe(0);
  expect(value("ai_gateway_spool_bytes")).toBeGreaterThanOrEqual(0);
  // Asking twice counts nothing twice.
  expect((await measured()).value(`ai_gateway_calls_total{${labels},status="ok"}`)).toBe(3);
  for (const secret of [
    planted,
    "a name of a key",
    rig.admin.identity.organisation,
    ...question.map(({ content }) => content),
  ])
    expect(text).not.toContain(secret);
});

test("what the audit log has no room for while its database is away is counted", async () => {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  await rig.ask("PUT", "/policy", { record: true });
  const key = await rig.key();
  await rig.post(key, "/chat/completions", { model: "mock/m", messages: question });
  await expect.poll(async () => (await rig.ask<unknown[]>("GET", "/recorded")).length).toBe(1);
  await rig.owner.query("alter table ai_gateway.recorded_call rename to elsewhere");
  await rig.post(key, "/chat/completions", { model: "mock/m", messages: question });
  const dropped = async () => {
    const text = await (await fetch(`${rig.url}/internal/metrics`)).text();
    return Number(/^ai_gateway_audit_dropped (\d+)$/m.exec(text)?.[1]);
  };
  await expect.poll(dropped).toBe(1);
});

test("names that callers make up take no room in the metrics from models that answer, nor do those of one's own provider", async () => {
  const registry = new Registry();
  const idle = { spool: { bytes: 0, aside: 0 }, breaker: { open: () => [] }, records: { dropped: 0 } };
  const metrics = measureGateway(registry, idle as never);
  const row = { provider: "mock", status: "failed", input: 1, output: 1, cost: 0, ms: 1 } as UsageRow;
  for (let at = 0; at < 5000; at++) {
    metrics.count({ ...row, model: `x${at}` }, false);
    metrics.count({ ...row, model: `y${at}`, status: "ok", provider: `p${at}` }, true);
  }
  metrics.count({ ...row, model: "real", status: "ok" }, false);
  const text = await registry.metrics();
  expect(text).toContain('ai_gateway_calls_total{provider="mock",model="real",status="ok"} 1');
  expect(text).toContain('ai_gateway_calls_total{provider="mock",model="other",status="failed"} 4000');
  expect(text).toContain('ai_gateway_calls_total{provider="own",model="own",status="ok"} 5000');
});
