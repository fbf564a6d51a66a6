import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { browser, claim, complaints, home } from "./browser.ts";
import { served } from "./platform.ts";

test("the first page needs less than 250 kB of compressed script, and nothing from elsewhere", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) elsewhere.push(request.url());
  });
  await claim(page, welcome);
  await page.getByRole("row", { name: /clock/ }).waitFor();
  const sizes = (await page.evaluate(
    `(() => {
      // Pages that are fetched ahead, when the browser has nothing else to do, are not what the first page needs.
      const ahead = performance.getEntriesByName("devflow pages ahead")[0]?.startTime ?? Infinity;
      const scripts = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js"));
      return scripts.filter(({ startTime }) => startTime < ahead).map((one) => one.encodedBodySize);
    })()`,
  )) as number[];
  const sum = sizes.reduce((all, one) => all + one, 0);
  expect(sum).toBeGreaterThan(50_000);
  expect(sum).toBeLessThan(250_000);
  expect(elsewhere).toEqual([]);
});

test("hears of changes by the socket, resumes after it was cut, and says when it is offline", async () => {
  const { app, url, welcome, stack } = await served();
  const context = await browser();
  const page = await context.newPage();
  await claim(page, welcome);
  const row = page.getByRole("row", { name: /clock/ });
  await row.getByText("ready").waitFor();
  const supervisor = await stack.client();

  await supervisor.stop("clock");
  await row.getByText("stopped").waitFor();

  for (const socket of app.websocketServer.clients) socket.terminate();
  await supervisor.start("clock");
  await row.getByText("ready").waitFor();

  await context.setOffline(true);
  for (const socket of app.websocketServer.clients) socket.terminate();
  await page.getByText("Offline.").waitFor();
  await row.getByText("ready").waitFor();
  await context.setOffline(false);
  await page.getByText("Offline.").waitFor({ state: "detached" });
  expect(page.url()).toBe(url + home);
});

test("follows a log as it is written, holds it while paused, searches and downloads it", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  await page.goto(`${url}/components/clock`);
  const log = page.getByRole("region", { name: "Log of clock" });
  const last = async () => {
    const lines = await log.getByText(/tick \d+/).allInnerTexts();
    return Math.max(...lines.map((line) => Number(/tick (\d+)/.exec(line)?.[1])));
  };
  await log.getByText(/tick/).first().waitFor();
  const before = await last();
  await expect.poll(last).toBeGreaterThan(before + 5);

  await page.getByRole("button", { name: "Pause" }).click();
  const held = await last();
  await page.getByRole("button", { name: /Resume \(\d+ new\)/ }).waitFor();
  expect(await last()).toBe(held);
  await page.getByRole("button", { name: /Resume/ }).click();
  await expect.poll(last).toBeGreaterThan(held);

  await page.getByLabel("Search the log").fill("slow");
  await log.getByText(/WARN/).first().waitFor();
  expect(await log.getByText(/tick/).count()).toBe(0);
  expect(new URL(page.url()).searchParams.get("q")).toBe("slow");

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(await readFile(await file.path(), "utf8")).toContain("tick 1\n");
});

test("keeps a table's state in its address, exports it, and goes back", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await claim(page, welcome);
  await page.getByRole("button", { name: "Component", exact: true }).click();
  await page.getByLabel("Search components").fill("clo");
  await expect.poll(() => page.url()).toBe(`${url}${home}?sort=name&q=clo`);
  expect(await page.getByRole("row").count()).toBe(2);
  await page.reload();
  await page.getByRole("row", { name: /clock/ }).waitFor();
  expect(await page.getByLabel("Search components").inputValue()).toBe("clo");

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export components as CSV" }).click(),
  ]);
  expect((await readFile(await file.path(), "utf8")).split("\r\n")).toEqual([
    "Component,Product,State,Version,Memory,CPU,Since",
    expect.stringMatching(/^clock,Platform,ready,1\.0,/),
  ]);

  await page.getByRole("rowheader").getByRole("link", { name: "clock" }).click();
  await page.getByRole("dialog", { name: "clock" }).waitFor();
  await page.goBack();
  await page.getByRole("dialog", { name: "clock" }).waitFor({ state: "detached" });
  expect(wrong).toEqual([]);
});

test("goes anywhere from the keyboard, makes a key that is shown once, and keeps what was typed when refused", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  await page.keyboard.press("Control+K");
  await page.getByRole("textbox", { name: "Search or jump to" }).fill("api k");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${url}${home}/keys`);

  await page.getByRole("button", { name: "Create the first key" }).click();
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("Required.").waitFor();
  await page.getByLabel("Name").fill("deploy");
  await page.route("**/api/identity/keys", (route) =>
    route.request().method() === "POST" ? route.abort() : route.continue(),
  );
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("The platform cannot be reached.").waitFor();
  expect(await page.getByLabel("Name").inputValue()).toBe("deploy");
  await page.unroute("**/api/identity/keys");
  await page.getByRole("button", { name: "Create key" }).click();
  const shown = await page.getByRole("dialog").getByText(/^dfk_/).first().innerText();
  const answer = await fetch(`${url}/api/identity/people`, { headers: { authorization: `Bearer ${shown}` } });
  expect(answer.status).toBe(200);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: /deploy/ }).waitFor();
  expect(await page.content()).not.toContain(shown);
});
