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
  ["events", "/events", "The index refused the note"],
  ["event", "/events?open=1", "Try again"],
  ["people", "/people", "ada@example.com"],
  ["invitations", "/people?tab=invitations", "Nobody is invited"],
  ["member", "/people?open=ME", "Save roles"],
  ["roles", "/people?tab=roles", "built in"],
  ["sign-on", "/people?tab=sign-on", "People sign in here"],
  ["organisations", "/organisations", "you act for it"],
  ["no-keys", "/keys", "No key yet"],
  ["secrets", "/secrets", "MAIL_FROM"],
  ["secret", "/secrets?open=platform+SHARED", "op://dev/shared/value"],
  ["audit", "/audit", "platform.claimed"],
  ["sessions", "/sessions", "this one"],
  ["account", "/account", "Second factor"],
  ["settings", "/settings", "network.port"],
  ["docs", "/docs/install", "Install"],
  ["docs-search", "/docs/install?q=rotate", "rotate"],
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
  const { person } = await (await page.request.get(`${url}/api/identity/me`)).json();

  for (const [name, path, shows] of pages) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(url + path.replace("ME", person));
    await page.getByText(shows).filter({ visible: true }).first().waitFor({ timeout: 15_000 });
    for (const [scheme, width] of looks) {
      await look(page, scheme, width);
      const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
      if (wide > 0) wrong.push(`${name} is ${wide} pixels wider than ${width}`);
      await page.screenshot({ path: `${pictures}${scheme}-${width}-${name}.png` });
      // Widths change the layout and schemes the colours; between them these two looks have all of both.
      if ((scheme === "light") === (width === 1440)) {
        wrong.push(...(await faults(page)).map((fault) => `${name} ${scheme} ${width}: ${fault}`));
      }
    }
  }
  expect(wrong).toEqual([]);
}, 400_000);

test("a page says that it loads, what failed and how to go on, and while offline how old it is", async () => {
  const { app, url, welcome } = await served();
  const context = await browser();
  const page = await context.newPage();
  const wrong: string[] = [];
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  const seen = async (name: string) => {
    for (const [scheme, width] of looks) {
      await look(page, scheme, width);
      await page.screenshot({ path: `${pictures}${scheme}-${width}-${name}.png` });
    }
    wrong.push(...(await faults(page)).map((fault) => `${name}: ${fault}`));
  };
  const people = "**/api/identity/people";

  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route(people, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${url}/people`);
  await page.getByRole("status", { name: "Loading" }).first().waitFor();
  await seen("loading");
  goOn();
  await page.getByRole("row", { name: /Ada Lovelace/ }).waitFor();

  await page.unroute(people);
  const failed = { code: "INTERNAL", message: "Something went wrong on our side.", hint: "Look for the request id." };
  await page.route(people, (route) =>
    route.fulfill({ status: 500, json: { error: { ...failed, docs: "/docs/reference/api-errors", request: "r-1" } } }),
  );
  await page.reload();
  await page.getByRole("alert").getByText(failed.message).waitFor({ timeout: 15_000 });
  await seen("error");
  await page.unroute(people);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: /Ada Lovelace/ }).waitFor();

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(url);
  await page.getByRole("row", { name: /clock/ }).waitFor();
  await context.setOffline(true);
  for (const socket of app.websocketServer.clients) socket.terminate();
  await page.getByText("Offline.").waitFor({ timeout: 20_000 });
  await page.getByRole("row", { name: /clock/ }).waitFor();
  await seen("offline");
  expect(wrong).toEqual([]);
}, 120_000);

const looks: [scheme: "light" | "dark", width: number][] = [
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
  ["dark", 390],
];

/** Makes the page look so, and waits until it does. */
async function look(page: Page, scheme: "light" | "dark", width: number): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
  const shown = "document.documentElement.getAttribute('data-mantine-color-scheme')";
  await expect.poll(() => page.evaluate(shown), { timeout: 10_000 }).toBe(scheme);
  // Colours that change are shown with the frames after it.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))");
}

/** Serious and critical findings, each with where it is. */
async function faults(page: Page): Promise<string[]> {
  // The page's policy forbids scripts of others, so it is evaluated instead of added.
  await page.evaluate(await readFile(axe, "utf8"));
  const found = (await page.evaluate("axe.run(document, {resultTypes: ['violations']})")) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}
