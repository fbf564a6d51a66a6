import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { platform } from "../../glue-services/platform/app.ts";
import { build, person } from "../glue-services/build.ts";
import { browser, claim, complaints } from "../glue-services/dashboard/browser.ts";
import { lookAt } from "../glue-services/dashboard/looks.ts";
import { served } from "../glue-services/dashboard/platform.ts";
import { freePort, httpProbe, ready } from "../installer/supervisor/test-stack.ts";
import { program } from "../program.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

test("a component's numbers have their graphs from the stack's Prometheus, and the page says so where there is none", async () => {
  const { url, welcome, stack } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  await page.goto(`${url}/components/clock?tab=metrics`);
  await page.getByText("This stack runs no Prometheus").waitFor();

  const port = await freePort();
  const file = join(stack.folder, "prometheus.yml");
  const scraped = { job_name: "platform", metrics_path: "/internal/metrics", scrape_interval: "1s" };
  const targets = [{ targets: [`127.0.0.1:${new URL(url).port}`] }];
  await writeFile(file, JSON.stringify({ scrape_configs: [{ ...scraped, static_configs: targets }] }));
  const client = await stack.client();
  const command = [join(await program("prometheus"), "bin/prometheus"), `--config.file=${file}`];
  const kept = [`--storage.tsdb.path=${stack.folder}/tsdb`, `--web.listen-address=127.0.0.1:${port}`];
  await client.put({
    ...stack.spec("metrics", { ready: httpProbe(`http://127.0.0.1:${port}/-/ready`) }),
    ...{ command: [...command, ...kept], ports: [port] },
  });
  await ready(client, "metrics");
  const shown = async (component: string) => {
    const answer = await page.request.get(`${url}/api/platform/components/${component}/metrics`);
    const { charts } = (await answer.json()) as { charts: { id: string; points: [number, number][] }[] };
    return Object.fromEntries(charts.map(({ id, points }) => [id, points.at(-1)?.[1]]));
  };
  await expect
    .poll(() => shown("clock"), { interval: 1000 })
    .toEqual({
      cpu: expect.any(Number),
      memory: expect.any(Number),
    });
  expect((await shown("clock")).memory).toBeGreaterThan(100_000);
  await expect.poll(async () => (await shown("platform")).requests).toBeGreaterThan(0);
  expect((await shown("platform")).errors).toBe(0);

  await page.reload();
  const memory = page.getByRole("img", { name: /^Memory: / });
  await memory.waitFor();
  await page.getByText("clock does not count its requests").waitFor();
  await memory.focus();
  await page.keyboard.press("ArrowLeft");
  wrong.push(...(await lookAt(page, "metrics", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${url}/`);
  await page.getByRole("row", { name: /clock/ }).locator("svg.sparkline").waitFor({ timeout: 90_000 });
  wrong.push(...(await lookAt(page, "overview-sparklines", pictures)));
  expect(wrong).toEqual([]);
}, 240_000);

test("without a supervisor, as on Docker and Kubernetes, the Prometheus that the stack declares is asked", async () => {
  const folder = await mkdtemp(join(tmpdir(), "devflow-declared-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const prometheus = `http://127.0.0.1:${port}`;
  const itself = { job_name: "metrics", scrape_interval: "1s", static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
  await writeFile(join(folder, "prometheus.yml"), JSON.stringify({ scrape_configs: [itself] }));
  const server = spawn(join(await program("prometheus"), "bin/prometheus"), [
    ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/tsdb`],
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  onTestFinished(() => void server.kill());
  const options = { version: "0.1.0", publicUrl: "http://localhost:4400", docs: undefined, addresses: {} };
  const { app } = await build([platform({ ...options, supervisor: undefined, runs: undefined, prometheus })]);
  const { headers } = person({ roles: ["platform-administrator"] });
  const requests = async () => {
    const answer = await app.inject({ url: "/api/platform/components/metrics/metrics", headers });
    if (answer.statusCode !== 200) return undefined;
    const { charts } = answer.json() as { charts: { id: string; points: [number, number][] }[] };
    return charts.find(({ id }) => id === "requests")?.points.at(-1)?.[1];
  };
  await expect.poll(requests, { interval: 1000 }).toBeGreaterThan(0);
});
