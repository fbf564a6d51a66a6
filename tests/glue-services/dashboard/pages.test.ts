import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { browser, claim, complaints } from "./browser.ts";
import { faults, look, lookAt, looks } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

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
  ["no-code", "/code", "Git hosting is not part of this platform"],
  ["people", "/people", "ada@example.com"],
  ["invitations", "/people?tab=invitations", "Nobody is invited"],
  ["member", "/people?open=ME", "Save roles"],
  ["roles", "/people?tab=roles", "built in"],
  ["sign-on", "/people?tab=sign-on", "People sign in here"],
  ["organisations", "/organisations", "you act for it"],
  ["no-keys", "/keys", "No key yet"],
  ["secrets", "/secrets", "MAIL_FROM"],
  ["secret", "/secrets?open=platform+SHARED", "op://dev/shared/value"],
  ["audit", "/audit", "set the platform up"],
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
    await page.getByText(shows).filter({ visible: true }).first().waitFor();
    wrong.push(...(await lookAt(page, name, pictures)));
  }
  expect(wrong).toEqual([]);
});

test("while the supervisor does not answer, the overview says that nothing is known, not that nothing runs", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  const status = await (await page.request.get(`${url}/api/platform/status`)).json();
  const reason = "The supervisor did not answer within 5000 ms.";
  const unknown = { ...status, state: "unknown", components: [], supervisor: { reachable: false, reason } };
  await page.route("**/api/platform/status", (route) => route.fulfill({ json: unknown }));
  await page.routeWebSocket(/\/api\/live/, () => {});
  await page.goto(url);
  await page.getByRole("heading", { name: "The platform’s state is not known" }).waitFor();
  await page.getByText(reason).waitFor();
  expect(await page.getByText("No component has been started").count()).toBe(0);
});

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
  await page.getByRole("alert").getByText(failed.message).waitFor();
  await seen("error");
  await page.unroute(people);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: /Ada Lovelace/ }).waitFor();

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(url);
  await page.getByRole("row", { name: /clock/ }).waitFor();
  await context.setOffline(true);
  for (const socket of app.websocketServer.clients) socket.terminate();
  await page.getByText("Offline.").waitFor();
  await page.getByRole("row", { name: /clock/ }).waitFor();
  await seen("offline");
  expect(wrong).toEqual([]);
});
