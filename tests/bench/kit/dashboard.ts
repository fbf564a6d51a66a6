/**
 * Measures the dashboard's first page: compressed size of its scripts, and first paint in headless Chromium.
 *
 *     node tests/bench/kit/dashboard.ts
 *
 * Prints a Markdown row for docs/measurements.md. The page is served without a platform behind it: its shell, scripts
 * and first paint are what is measured.
 */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { dashboard } from "../../../glue-services/dashboard/app.ts";
import { buildDashboard } from "../../../glue-services/dashboard/build.ts";
import { openShell } from "../../../glue-services/dashboard/shell.ts";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { platform } from "../../../glue-services/platform/app.ts";

const runs = 5;
const limit = 250_000;
const out = await mkdtemp(join(tmpdir(), "devflow-bench-dashboard-"));
try {
  const begun = performance.now();
  const folder = await buildDashboard(out);
  const build = (performance.now() - begun) / 1000;
  const shell = await openShell(out);
  const common = { version: "0.1.0", publicUrl: "http://localhost" };
  const app = await buildApp({
    version: "0.1.0",
    logLevel: "silent",
    services: [
      platform({
        ...common,
        supervisor: undefined,
        runs: undefined,
        docs: undefined,
        addresses: {},
        shell: shell.send,
      }),
      dashboard({ ...common, shell, kind: "local" }),
    ],
  });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const paints: number[] = [];
  const sizes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { paint, script } = await visit(address, folder);
    paints.push(paint);
    sizes.push(script);
  }
  await app.close();
  const all = await total(folder);
  const [script = 0] = sizes.sort((a, b) => b - a);
  const paint = paints.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  const kb = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  console.log(
    `| ${kb(script)} of at most ${kb(limit)} | ${kb(all)} | ${Math.round(paint)} ms | ${build.toFixed(1)} s |`,
  );
  if (script > limit) process.exitCode = 1;
} finally {
  await rm(out, { recursive: true, force: true });
}

/** One first visit with an empty cache. */
async function visit(address: string, folder: string): Promise<{ paint: number; script: number }> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  });
  try {
    const page = await browser.newPage();
    const scripts = new Set<string>();
    page.on("response", (response) => {
      const path = new URL(response.url()).pathname;
      if (path.endsWith(".js")) scripts.add(path.replace("/app/", ""));
    });
    await page.goto(address);
    await page.getByRole("link", { name: "Documentation" }).waitFor();
    const paint = Number(
      await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"),
    );
    const sizes = await Promise.all([...scripts].map((path) => compressed(join(folder, path))));
    return { paint, script: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    await browser.close();
  }
}

/** Bytes as they are sent: as Brotli, or as they are where they are too small for it. */
async function compressed(file: string): Promise<number> {
  const found = await stat(`${file}.br`).catch(() => stat(file));
  return found.size;
}

async function total(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const scripts = entries.filter((entry) => entry.endsWith(".js"));
  const sizes = await Promise.all(scripts.map((entry) => compressed(join(folder, entry))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
