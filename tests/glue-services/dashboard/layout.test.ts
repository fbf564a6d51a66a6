import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, claim, home } from "./browser.ts";
import { served } from "./platform.ts";

/** Adds up what moved on the page by itself, as a browser counts it (Cumulative Layout Shift). */
const observe = `globalThis.moved = 0;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.moved += value;
  }).observe({ type: "layout-shift", buffered: true });`;

test("what a page shows stays where it is while the rest of it is read", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  await page.addInitScript(observe);
  const found: string[] = [];
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [path, last] of [
      ["", "What changed"],
      ["/settings", "network.port"],
      ["/account", "Current password"],
      ["/people", "Ada Lovelace"],
      ["/secrets", "MAIL_FROM"],
    ] as const) {
      await page.goto(`${url}${home}${path}`);
      await page.getByText(last).filter({ visible: true }).first().waitFor();
      const moved = await settled(page);
      // Good is up to 0.1 (web.dev/cls).
      if (moved > 0.1) found.push(`${path || "/"} at ${width}: ${moved.toFixed(3)}`);
    }
  }
  expect(found).toEqual([]);
});

test("one long name pushes no other column off a phone, nor out of its window", async () => {
  const { url, welcome } = await served();
  const page = await (await browser({ viewport: { width: 390, height: 844 } })).newPage();
  await claim(page, welcome);
  const name = "a".repeat(100);
  await page.request.post(`${url}/api/identity/keys`, { data: { name, scopes: ["*:read"] } });
  await page.goto(`${url}${home}/keys`);
  const state = page.getByRole("row", { name: /aaaa/ }).getByText("active");
  await state.waitFor();
  const box = await state.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  await page.getByRole("button", { name: `Revoke ${name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  const wider =
    "(() => { const at = document.querySelector('[role=dialog]'); return at.scrollWidth - at.clientWidth; })()";
  expect(await page.evaluate(wider)).toBe(0);
});

/** Once the network is quiet and two frames were drawn. */
async function settled(page: Page): Promise<number> {
  await page.waitForLoadState("networkidle");
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  return Number(await page.evaluate("globalThis.moved"));
}
