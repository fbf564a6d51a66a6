import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { browser, claim, complaints, home } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

const focused = "document.activeElement?.textContent";

test("a row is a link to its panel, which another tab opens too, and a dialog gives the focus back to its button", async () => {
  const { url, welcome } = await served();
  const context = await browser();
  const page = await context.newPage();
  const wrong = complaints(page);
  await claim(page, welcome);
  const link = page.getByRole("row", { name: /clock/ }).getByRole("link", { name: "clock" });
  await link.waitFor();
  expect(await link.getAttribute("href")).toBe(`${home}?open=clock`);
  const [tab] = await Promise.all([context.waitForEvent("page"), link.click({ button: "middle" })]);
  await tab.getByRole("dialog", { name: "clock" }).waitFor();
  await tab.close();
  await link.click();
  await page.getByRole("dialog", { name: "clock" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "clock" }).waitFor({ state: "detached" });
  await expect.poll(() => page.evaluate(focused)).toBe("clock");

  await page.goto(`${url}/people`);
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByRole("dialog").getByRole("textbox").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await expect.poll(() => page.evaluate(focused)).toBe("Invite");
  expect(wrong).toEqual([]);
});

test("an address without a page is a page to a browser and an error to a program", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  const answer = await page.goto(`${url}/nope/not/here`);
  expect(answer?.status()).toBe(404);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.waitForURL(url + home);
  for (const accept of ["application/json", "*/*"]) {
    const program = await fetch(`${url}/nope`, { headers: { accept } });
    expect(program.status).toBe(404);
    expect((await program.json()).error.code).toBe("NOT_FOUND");
  }
});

test("a page that cannot be fetched says so inside the frame and opens once it can", async () => {
  const { url, welcome } = await served();
  const context = await browser();
  const page = await context.newPage();
  await context.route(/\/app\/assets\/audit-/, (route) => route.abort());
  await claim(page, welcome);
  await page.getByRole("row", { name: /clock/ }).waitFor();
  await context.setOffline(true);
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByRole("alert").getByText("This page could not be loaded.").waitFor();
  expect(page.url()).toBe(`${url}${home}/audit`);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await page.getByRole("alert").getByText("This page could not be loaded.").waitFor();

  await context.setOffline(false);
  await context.unroute(/\/app\/assets\/audit-/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: /set the platform up/ }).waitFor();
  expect(page.url()).toBe(`${url}${home}/audit`);
});

test("pages that were never visited open while offline, for they were fetched ahead", async () => {
  const { url, welcome } = await served();
  const context = await browser();
  const page = await context.newPage();
  await claim(page, welcome);
  const ahead = "performance.getEntriesByType('resource').some(({name}) => /\\/docs-[^/]*\\.js$/.test(name))";
  await expect.poll(() => page.evaluate(ahead)).toBe(true);
  await context.setOffline(true);
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByRole("heading", { name: "Audit" }).waitFor();
  expect(page.url()).toBe(`${url}${home}/audit`);
});

test("the overview leads by first steps that tick themselves off, says what waits and who changed what, and counts it in the menu", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  const steps = page.locator("section", { has: page.getByRole("heading", { name: "First steps" }) });
  await steps.getByRole("link", { name: "Invite somebody" }).waitFor();
  await page.getByText("You own this organisation and sign in with a password alone").waitFor();
  const counted = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /Overview.*waiting/ });
  await counted.first().waitFor();
  // Of the failed run, the dead letters and the second factor, as the headline has it.
  await page.getByRole("heading", { name: "The last run failed; 3 things need you" }).waitFor();
  expect(await counted.first().innerText()).toMatch(/\b3\b/);
  const request = { data: { email: "dev@example.com", roles: ["viewer"] }, headers: { origin: url } };
  expect((await page.request.post(`${url}/api/identity/invitations`, request)).ok()).toBe(true);
  await steps.getByText("Invite somebody (done)").waitFor();
  await page.getByText("Ada Lovelace invited dev@example.com").waitFor();
  wrong.push(...(await lookAt(page, "first-steps", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await steps.getByRole("button", { name: "Dismiss" }).click();
  await steps.waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("heading", { name: "What changed" }).waitFor();
  expect(await steps.count()).toBe(0);
  // On every device: nothing of it is kept in the browser.
  await page.evaluate("localStorage.clear()");
  await page.reload();
  await page.getByRole("heading", { name: "What changed" }).waitFor();
  expect(await steps.count()).toBe(0);
  expect(wrong).toEqual([]);
});

test("a log of JSON is rows of time, level and message whose fields unfold, filtered by level, and quiet about the page itself", async () => {
  const { url, welcome, stack } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  const at = Date.UTC(2026, 0, 2, 10, 4, 5, 678);
  const lines = [
    { level: 30, time: at, msg: "answered", method: "PUT", path: "/api/notes", status: 204, ms: 1.5 },
    { level: 20, time: at, msg: "looked it up" },
    { level: 50, time: at, msg: "refused", err: { type: "Error", message: "The disk is full.", stack: "at write" } },
  ];
  const sh = `cat <<'EOF'\n${lines.map((line) => JSON.stringify(line)).join("\n")}\nplain words\nEOF\nsleep 600`;
  const client = await stack.client();
  await client.put(stack.spec("notes", { sh }));
  await claim(page, welcome);
  await page.goto(`${url}/components/notes`);
  const log = page.getByRole("region", { name: "Log of notes" });
  const time = log.locator("time").first();
  await time.waitFor();
  const local = await page.evaluate(`new Date(${at}).toLocaleTimeString("en-GB")`);
  expect(await time.innerText()).toBe(`02 Jan ${local}.678`);
  await log.getByText("plain words").waitFor();
  expect(await log.innerText()).not.toContain('"level"');

  await log.getByText("refused").click();
  await log.getByText("2 fields").or(log.getByText("3 fields")).first().click();
  await log.getByText("The disk is full.", { exact: true }).waitFor();
  wrong.push(...(await lookAt(page, "log-rows", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByText("Errors", { exact: true }).click();
  await log.getByText("answered").waitFor({ state: "detached" });
  expect(await log.getByText("refused").count()).toBe(1);
  expect(new URL(page.url()).searchParams.get("level")).toBe("error");
  expect(wrong).toEqual([]);
});

test("the command palette makes, restarts after a question, finds people and keys, and says when there is nothing", async () => {
  const { welcome, stack } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  const words = page.getByRole("textbox", { name: "Search or jump to" });
  const type = async (text: string) => {
    await page.keyboard.press("Control+K");
    await words.fill(text);
  };
  await type("no such thing at all");
  await page.getByText("No results").waitFor();
  await words.fill("new api k");
  await page.getByRole("button", { name: "New API key" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: /key/i }).waitFor();
  await page.getByLabel("Name").fill("release bot");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("button", { name: "Done" }).click();
  expect(new URL(page.url()).search).toBe("");

  await type("lovelace");
  await page.getByRole("button", { name: /Ada Lovelace/ }).waitFor();
  await words.fill("release b");
  await page.getByRole("button", { name: /release bot/ }).waitFor();
  wrong.push(...(await lookAt(page, "palette", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.press("Enter");
  await page.waitForURL((at) => at.pathname === `${home}/keys` && at.searchParams.get("q") === "release bot");

  const before = (await (await stack.client()).wait("clock", 60_000)).status?.pid;
  await type("restart clock");
  await page.getByRole("button", { name: "Restart clock" }).click();
  await page
    .getByRole("dialog", { name: "Restart clock?" })
    .getByRole("button", { name: "Restart", exact: true })
    .click();
  await expect.poll(async () => (await (await stack.client()).wait("clock", 60_000)).status?.pid).not.toBe(before);

  await type("sign out");
  await page.keyboard.press("Enter");
  await page.waitForURL(/sign-in|signed-out/);
  expect(wrong).toEqual([]);
});
