import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, claim, complaints } from "./browser.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Every page, and something on it that is there only once its data is. */
const pages: [name: string, path: string, shows: string][] = [
  ["overview", "/", "Needs you"],
  ["panel", "/?open=clock", "Ready since"],
  ["logs", "/components/clock", "tick"],
  ["processes", "/components/clock?tab=processes", "Restarts"],
  ["configuration", "/components/clock?tab=configuration", "sizing.clock.memory"],
  ["dependencies", "/components/clock?tab=dependencies", "It needs"],
  ["runs", "/runs", "Port 3000 is held"],
  ["run", "/runs/20260102T100000-bbbbbb", "Free it, or choose another"],
  ["events", "/events", "No event has failed"],
  ["people", "/people", "ada@example.com"],
  ["invitations", "/people?tab=invitations", "Nobody is invited"],
  ["roles", "/people?tab=roles", "built in"],
  ["keys", "/keys", "No key yet"],
  ["audit", "/audit", "platform.claimed"],
  ["sessions", "/sessions", "this one"],
  ["account", "/account", "Second factor"],
  ["settings", "/settings", "network.port"],
  ["docs", "/docs/install", "Install"],
  ["missing", "/components/nothing", "There is no such component"],
];

test("signs in by the welcome link and follows every page, in both schemes and widths, without an accessibility fault", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await page.goto(`${url}/runs`);
  await page.waitForURL(/\/sign-in$/);
  await page.screenshot({ path: `${pictures}sign-in.png` });
  await claim(page, welcome);

  for (const [name, path, shows] of pages) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(url + path);
    await page.getByText(shows).filter({ visible: true }).first().waitFor({ timeout: 15_000 });
    for (const [scheme, width] of looks) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: width < 500 ? 844 : 800 });
      const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
      if (wide > 0) wrong.push(`${name} is ${wide} pixels wider than ${width}`);
      await page.screenshot({ path: `${pictures}${scheme}-${width}-${name}.png` });
      // Widths change the layout and schemes the colours; between them these two looks have all of both.
      const rules =
        scheme === "light" && width === 1280 ? "all" : scheme === "dark" && width === 390 ? "contrast" : undefined;
      if (rules) wrong.push(...(await faults(page, rules)).map((fault) => `${name} ${scheme} ${width}: ${fault}`));
    }
  }
  expect(wrong).toEqual([]);
}, 400_000);

const looks: [scheme: "light" | "dark", width: number][] = [
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
];

/** Serious and critical findings, each with where it is. */
async function faults(page: Page, rules: "all" | "contrast"): Promise<string[]> {
  // The page's policy forbids scripts of others, so it is evaluated instead of added.
  await page.evaluate(await readFile(axe, "utf8"));
  const only = rules === "all" ? "" : ", runOnly: ['color-contrast', 'scrollable-region-focusable']";
  const found = (await page.evaluate(`axe.run(document, {resultTypes: ['violations']${only}})`)) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}
