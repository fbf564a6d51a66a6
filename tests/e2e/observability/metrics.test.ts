import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type TestStack, testStack } from "../stack.ts";
import { elsewhere, metricsOf, queries } from "./names.ts";

/** Programs that run on this machine, measured by the stack's own Prometheus as it is configured. */
describe("measurements of a running stack", () => {
  let stack: TestStack;
  let prometheus: string;
  beforeAll(async () => {
    stack = await testStack("components: { metrics: true, code: true, storage: true }\n");
    const { code, stderr } = await stack.devflow("up", "--yes");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Open")]);
    prometheus = `http://127.0.0.1:${stack.port + 4}`;
    for (const path of ["/readyz", "/", "/api/none"]) await fetch(`http://localhost:${stack.port}${path}`);
  });
  afterAll(() => stack?.remove());

  const ask = async <Data>(path: string) =>
    ((await (await fetch(`${prometheus}/api/v1${path}`)).json()) as { data: Data }).data;
  const names = () => ask<string[]>("/label/__name__/values");

  test("every program that the stack has is asked, and answers", async () => {
    await eventually(async () => {
      const { activeTargets } = await ask<{
        activeTargets: { labels: { job: string }; health: string; lastError: string }[];
      }>("/targets");
      expect(
        activeTargets.map(({ labels, health, lastError }) => `${labels.job} ${health}${lastError}`).sort(),
      ).toEqual(["code up", "metrics up", "platform up", "proxy up", "storage up"]);
    }, 90);
  });

  test("every name in a dashboard and an alert is one that a program here gives, or of a program elsewhere", async () => {
    const asked = new Map<string, string>();
    for (const query of queries()) for (const { name } of await metricsOf(prometheus, query)) asked.set(name, query);
    const here = [...asked.keys()].filter((name) => !elsewhere.test(name) && !name.startsWith("otelcol_"));
    expect(here.length).toBeGreaterThan(15);
    await eventually(async () => {
      const known = new Set(await names());
      expect(here.filter((name) => !known.has(name)).map((name) => `${name} in ${asked.get(name)}`)).toEqual([]);
    }, 90);
  });

  test("a query of a program that is here has an answer", async () => {
    const answering: string[] = [];
    for (const query of queries()) {
      const metrics = await metricsOf(prometheus, query);
      if (metrics.some(({ name }) => elsewhere.test(name) || name.startsWith("otelcol_"))) continue;
      // A local stack has no runner.
      if (query.includes('job="runner"')) continue;
      // An alert's condition is not met, and nothing has failed here.
      const measured = query.replace(/ [<>=]=? [0-9.]+$/, "");
      if (!/=~"5\.\."|errors|failures/.test(measured)) answering.push(measured);
    }
    expect(answering.length).toBeGreaterThan(12);
    await eventually(async () => {
      await fetch(`http://localhost:${stack.port}/api/none`);
      const silent: string[] = [];
      for (const query of answering) {
        const { result } = await ask<{ result: unknown[] }>(`/query?query=${encodeURIComponent(query)}`);
        if (result.length === 0) silent.push(query);
      }
      expect(silent).toEqual([]);
    }, 90);
  });
});
