import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, claim, complaints, home } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

const longName = "Gesellschaft für außerordentlich ausführliche Namensgebung in Handel und Gewerbe";

/** Makes an organisation for its maker or somebody else; answers its slug. */
async function make(page: Page, url: string, name: string, owner: string): Promise<string> {
  const answer = await page.request.post(`${url}/api/identity/organisations`, {
    headers: { origin: url, "x-devflow-organisation": "example-ltd" },
    data: { name, owner },
  });
  expect(answer.status()).toBe(201);
  return (await answer.json()).slug;
}

const switcher = (page: Page) => page.getByRole("button", { name: /^Organisation/ });

test("two tabs act for two organisations at once, each by its address, and neither writes into the other's", async () => {
  const { url, welcome } = await served();
  const context = await browser();
  const one = await context.newPage();
  const wrong = complaints(one);
  await mkdir(pictures, { recursive: true });
  await claim(one, welcome);
  const slug = await make(one, url, longName, "ada@example.com");
  await one.goto(`${url}/keys`);
  await one.getByRole("heading", { name: "API keys" }).waitFor();
  expect(one.url()).toBe(`${url}${home}/keys`);

  const two = await context.newPage();
  await two.goto(`${url}/o/${slug}/keys`);
  wrong.push(...(await lookAt(two, "switcher-long-name", pictures)));
  await two.setViewportSize({ width: 1280, height: 800 });
  await switcher(two).getByText(longName).waitFor();
  await switcher(one).getByText("Example Ltd").waitFor();
  for (const [page, name] of [
    [one, "key of the first"],
    [two, "key of the second"],
  ] as const) {
    await page
      .getByRole("button", { name: /^(New key|Create the first key)$/ })
      .first()
      .click();
    await page.getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("row", { name: new RegExp(name) }).waitFor();
  }
  for (const [page, own, other] of [
    [one, "key of the first", "key of the second"],
    [two, "key of the second", "key of the first"],
  ] as const) {
    await page.reload();
    await page.getByRole("row", { name: new RegExp(own) }).waitFor();
    expect(await page.getByRole("row", { name: new RegExp(other) }).count()).toBe(0);
  }

  // What is told live is of the tab's own organisation as well.
  const sockets = await Promise.all(
    [one, two].map(async (page) => {
      const opened = page.waitForEvent("websocket");
      await page.reload();
      return new URL((await opened).url()).searchParams.get("organisation");
    }),
  );
  expect(sockets).toEqual(["example-ltd", slug]);

  // Switching in one tab leaves the other where it is, and decides where addresses without an organisation open.
  await switcher(two).click();
  const choice = two.getByRole("menuitem", { name: "Example Ltd" });
  expect(await choice.getAttribute("href")).toBe(home);
  await choice.click();
  await two.waitForURL(url + home);
  await two.getByText("You are in Example Ltd now").waitFor();
  await switcher(one).click();
  await one.getByRole("menuitem", { name: longName }).click();
  await one.waitForURL(`${url}/o/${slug}`);
  await one.getByText("Pages that your roles there do not open are not in the menu.").waitFor();
  await two.reload();
  await switcher(two).getByText("Example Ltd").waitFor();
  expect(two.url()).toBe(url + home);
  const three = await context.newPage();
  await three.goto(`${url}/people?q=ada`);
  await three.getByRole("row", { name: /Ada Lovelace/ }).waitFor();
  expect(three.url()).toBe(`${url}/o/${slug}/people?q=ada`);
  // Documentation is of no organisation, and the way back from it is to the tab's own.
  await two.getByRole("link", { name: "Documentation" }).click();
  await two.waitForURL(/\/docs/);
  expect(new URL(two.url()).pathname).toMatch(/^\/docs/);
  await two.reload();
  await two.getByRole("link", { name: "People", exact: true }).click();
  await two.waitForURL(`${url}${home}/people`);
  expect(wrong).toEqual([]);
});

test("an address of an organisation opens after signing in, and says to those who are not in it that they are not", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  const own = await make(page, url, "Side project", "ada@example.com");
  const others = await make(page, url, "Of others", "bo@example.com");
  await page.context().clearCookies();
  await page.goto(`${url}/o/${own}/people?tab=roles`);
  await page.waitForURL(/\/sign-in$/);
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill("copper lantern drifts quietly 42");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${url}/o/${own}/people?tab=roles`);
  await switcher(page).getByText("Side project").waitFor();

  for (const slug of [others, "nowhere"]) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${url}/o/${slug}/people`);
    await page.getByRole("heading", { name: `You are not a member of “${slug}”` }).waitFor();
    await page.getByText("ada@example.com").waitFor();
    expect(page.url()).toBe(`${url}/o/${slug}/people`);
  }
  wrong.push(...(await lookAt(page, "not-a-member", pictures)));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("link", { name: "Side project" }).click();
  await page.waitForURL(`${url}/o/${own}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(wrong).toEqual([]);
});
