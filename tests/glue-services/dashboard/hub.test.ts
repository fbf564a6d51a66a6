import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { says, startUpstream } from "../ai-gateway/upstream.ts";
import { browser, claim, complaints } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

async function start(more: { provider: boolean } = { provider: true }) {
  const upstream = await startUpstream(says("Hello from the mock."));
  const mock = { name: "mock", kind: "openai-compatible" as const, baseUrl: upstream.url };
  const { url, welcome } = await served({ services: [aiGateway({ providers: more.provider ? [mock] : [] })] });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await claim(page, welcome);
  return { upstream, url, page, wrong };
}

/** As the page itself asks. */
function send(page: Page, method: string, path: string, body: object): Promise<{ key: string; id: string }> {
  const given = JSON.stringify({ method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return page.evaluate(
    `fetch(${JSON.stringify(path)}, ${given}).then((answer) => answer.text()).then((text) => (text ? JSON.parse(text) : {}))`,
  );
}

const chat = { model: "mock/small", messages: [{ role: "user", content: "hi" }] };

test("every page of the gateway shows its data, in both schemes and widths, without an accessibility fault", async () => {
  const { url, page, wrong } = await start();
  await mkdir(pictures, { recursive: true });
  const { id } = await send(page, "POST", "/api/ai/keys", { name: "ci", models: ["mock/*"] });
  await send(page, "PUT", "/api/ai/routes/smart", {
    targets: [{ model: "mock/large" }, { model: "mock/small", group: 1 }],
  });
  await send(page, "PUT", "/api/ai/budgets", { level: "organisation", unit: "requests", amount: 4, period: "day" });
  await send(page, "PUT", "/api/ai/budgets", { level: "key", subject: id, unit: "money", amount: 20, period: "month" });
  await send(page, "PUT", "/api/ai/policy", { record: true });
  const asks = { messages: [{ role: "user", content: "What did I ask?" }] };
  for (let i = 0; i < 3; i++) await send(page, "POST", "/v1/chat/completions", { ...chat, ...asks });
  await expect
    .poll(() => page.evaluate("fetch('/api/ai/usage').then((answer) => answer.json()).then(([day]) => day?.requests)"))
    .toBe(3);

  const pages: [name: string, path: string, shows: string][] = [
    ["hub-models", "/hub/models", "mock/large"],
    ["hub-playground", "/hub/playground", "What the model is told first"],
    ["hub-keys", "/hub/keys", "mock/*"],
    ["hub-budgets", "/hub/budgets", "75 %"],
    ["hub-usage", "/hub/usage?measure=requests", "Requests a day"],
    ["hub-traffic", "/hub/traffic", "mock/small"],
    ["hub-recorded", "/hub/recorded", "What did I ask?"],
    ["hub-policy", "/hub/policy", "Prompt injection"],
  ];
  for (const [name, path, shows] of pages) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(url + path);
    await page.getByText(shows).filter({ visible: true }).first().waitFor({ timeout: 15_000 });
    wrong.push(...(await lookAt(page, name, pictures)));
  }
  expect(wrong).toEqual([]);
}, 300_000);

test("without a provider the models page says that embeddings work, and how to add one", async () => {
  const { url, page, wrong } = await start({ provider: false });
  await page.goto(`${url}/hub/models`);
  await page.getByText("No provider yet; local embeddings work without one").waitFor();
  wrong.push(...(await lookAt(page, "hub-nothing", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Add a provider" }).first().click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill("openai");
  await form.getByLabel("Secret with the key").fill("OPENAI_API_KEY");
  await form.getByText("./devflow secrets set OPENAI_API_KEY --tier organisation").waitFor();
  await page.screenshot({ path: `${pictures}hub-new-provider.png` });
  await form.getByRole("button", { name: "Add it" }).click();
  await page
    .getByRole("row", { name: /openai.*this organisation/ })
    .first()
    .waitFor();
  await page.getByRole("row", { name: /smart/ }).getByText("openai/gpt-5.1").waitFor();
  expect(wrong).toEqual([]);
}, 120_000);

test("a key is made, shown once, and revoked by its name", async () => {
  const { url, page } = await start();
  await page.goto(`${url}/hub/keys`);
  await page.getByRole("button", { name: "Make the first key" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("my app");
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = await page.locator(".once code").innerText();
  expect(key).toMatch(/^dfv_/);
  await page.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row", { name: /my app/ });
  await row.getByText("active").waitFor();
  expect(await page.content()).not.toContain(key);
  await page.getByRole("button", { name: "Revoke my app" }).click();
  await page.getByLabel("Type my app to confirm").fill("my app");
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await row.getByText("revoked").waitFor();
}, 120_000);

test("a budget is set by its form, and the playground says when it is used up and keeps what was typed", async () => {
  const { url, page, upstream } = await start();
  await page.goto(`${url}/hub/budgets`);
  await page.getByRole("button", { name: "Set the first budget" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Of", { exact: true }).click();
  await page.getByRole("option", { name: "requests" }).click();
  await form.getByLabel("At most").fill("1");
  await form.getByRole("button", { name: "Set it" }).click();
  await page.getByRole("row", { name: /the organisation.*1 requests a month/ }).waitFor();

  await page.goto(`${url}/hub/playground?model=mock/small`);
  upstream.does(says("Hello from the mock.", { every: 60 }));
  const question = page.getByLabel("Question");
  await question.fill("Say hello.");
  await question.press("Enter");
  await page.getByText("Hello from the mock.").waitFor();
  await page.getByText(/first word after \d+ ms/).waitFor();
  await page.screenshot({ path: `${pictures}hub-playground-answer.png` });
  await question.fill("Once more.");
  await question.press("Enter");
  await page.getByText("budget of requests of this month is used up").waitFor();
  expect(await question.inputValue()).toBe("Once more.");
}, 120_000);

test("calls appear as they end, over the socket, and wait while the page is paused", async () => {
  const { url, page } = await start();
  await page.goto(`${url}/hub/traffic`);
  await page.getByText("No call yet").waitFor();
  await send(page, "POST", "/v1/chat/completions", chat);
  const rows = page.getByRole("row", { name: /mock\/small/ });
  await expect.poll(() => rows.count(), { timeout: 8000 }).toBe(1);
  await page.getByRole("button", { name: "Pause" }).click();
  await send(page, "POST", "/v1/chat/completions", chat);
  await page.waitForTimeout(800);
  expect(await rows.count()).toBe(1);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => rows.count()).toBe(2);
}, 120_000);

test("a guardrail is set on its page and holds at once", async () => {
  const { url, page } = await start();
  await page.goto(`${url}/hub/policy`);
  await page.getByLabel("Personal data", { exact: true }).click();
  await page.getByRole("option", { name: "Refuse the call" }).click();
  // The button is disabled while it saves as well as afterwards.
  const saved = page.waitForResponse((answer) => answer.request().method() === "PUT");
  await page.getByRole("button", { name: "Save" }).click();
  expect((await saved).status()).toBe(204);
  await expect.poll(() => page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  const refused = await send(page, "POST", "/v1/chat/completions", {
    ...chat,
    messages: [{ role: "user", content: "ada@example.org" }],
  });
  expect(refused).toMatchObject({ error: { code: "guardrail_blocked" } });
}, 120_000);

test("a recorded call is found, opened and read whole, with what was cut out of it marked", async () => {
  const { url, page, wrong } = await start();
  await page.goto(`${url}/hub/recorded`);
  await page.getByText("Recording is off").waitFor();
  await send(page, "PUT", "/api/ai/policy", { record: true });
  const secret = `ghp_${"aB3".repeat(12)}`;
  const ask = (content: string, model = "mock/small") =>
    send(page, "POST", "/v1/chat/completions", {
      model,
      messages: [
        { role: "system", content: "You are kind." },
        { role: "user", content },
      ],
    });
  await ask(`Is ${secret} a good token? Write to ada.lovelace@example.com.`);
  await ask("And what is a lease?", "mock/large");
  const listed = "fetch('/api/ai/recorded').then((answer) => answer.json()).then((all) => all.length)";
  await expect.poll(() => page.evaluate(listed)).toBe(2);
  await page.goto(`${url}/hub/recorded`);
  await page.getByText("And what is a lease?").first().waitFor();
  await page.getByLabel("Words in question or answer").fill("good token");
  await expect.poll(() => page.getByText("And what is a lease?").count()).toBe(0);
  await page.getByLabel("Words in question or answer").fill("");
  await page.getByLabel("Model or route").fill("mock/small");
  await expect.poll(() => page.getByText("And what is a lease?").count()).toBe(0);
  await page.getByText("a GitHub token removed").first().click();
  const panel = page.getByRole("dialog");
  await panel.getByText("You are kind.").first().waitFor();
  expect(await panel.locator(".said mark").allTextContents()).toEqual([
    "[a GitHub token removed]",
    expect.stringContaining("removed]"),
  ]);
  await panel.getByText("Hello from the mock.", { exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await mkdir(pictures, { recursive: true });
  wrong.push(...(await lookAt(page, "hub-recorded-whole", pictures)));
  expect(wrong).toEqual([]);
}, 120_000);

test("a budget is made for somebody by their name", async () => {
  const { url, page, wrong } = await start();
  await page.goto(`${url}/hub/budgets`);
  await page.getByRole("button", { name: "Set the first budget" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Whose").click();
  await page.getByRole("option", { name: "person" }).click();
  await form.getByLabel("Person").click();
  const [option] = await page.getByRole("option").filter({ visible: true }).all();
  const name = (await option?.textContent()) ?? "";
  await mkdir(pictures, { recursive: true });
  wrong.push(...(await lookAt(page, "hub-new-budget", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await option?.click();
  await form.getByRole("button", { name: "Set it" }).click();
  await page
    .getByText(`person ${name.split(" (")[0]}`)
    .first()
    .waitFor();
  expect(wrong).toEqual([]);
}, 120_000);
