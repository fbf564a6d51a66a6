import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { keyed, says, startUpstream } from "../ai-gateway/upstream.ts";
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
    ["hub-playground", "/hub/playground", "System prompt"],
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
    await page.getByText(shows).filter({ visible: true }).first().waitFor();
    wrong.push(...(await lookAt(page, name, pictures)));
  }
  expect(wrong).toEqual([]);
});

test("a provider is added by pasting its key, tried before it is kept, given a route, asked, edited and removed", async () => {
  const { url, page, wrong, upstream } = await start({ provider: false });
  const right = "sk-live-a1b2c3d4e5f6";
  upstream.does(
    keyed(right, { after: says("Hello **there**.\n\n```js\nlet a = 1;\n```\n<img src=x onerror=alert(1)>") }),
  );
  await mkdir(pictures, { recursive: true });
  await page.goto(`${url}/hub/models`);
  await page.getByText("No provider yet; local embeddings work without one").waitFor();
  wrong.push(...(await lookAt(page, "hub-nothing", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Add the first provider" }).click();
  const form = page.getByRole("dialog");
  await form
    .getByRole("combobox", { name: "Provider" })
    .or(form.getByLabel("Provider", { exact: true }))
    .first()
    .click();
  await page.getByRole("option", { name: /OpenAI-compatible/ }).click();
  await form.getByLabel("Address").fill(upstream.url);
  await form.getByLabel("Name").fill("mock");
  await form.getByLabel("API key", { exact: true }).fill("sk-wrong-000000");
  await form.getByRole("button", { name: "Test" }).click();
  await form.getByText("Incorrect API key provided: …").waitFor();
  wrong.push(...(await lookAt(page, "hub-provider-refused", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await form.getByLabel("API key", { exact: true }).fill(right);
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("mock: answers").waitFor();
  await form.getByRole("button", { name: "Create route" }).click();
  await form.getByText("Try it in the playground").waitFor();
  await page.screenshot({ path: `${pictures}hub-provider-ready.png` });
  await form.getByRole("button", { name: "Done" }).click();
  await page
    .getByRole("row", { name: /mock.*answers/ })
    .first()
    .waitFor();
  expect(await page.content()).not.toContain(right);
  const secrets = await page.evaluate("fetch('/api/secrets').then((answer) => answer.json())");
  expect(secrets).toContainEqual(expect.objectContaining({ name: "MOCK_API_KEY", tier: "organisation" }));

  // The model is chosen from all there are, also when one is chosen already.
  await page.goto(`${url}/hub/playground`);
  const model = page
    .getByRole("textbox", { name: "Model" })
    .or(page.getByRole("combobox", { name: "Model" }))
    .first();
  await model.click();
  await page.getByRole("option", { name: "mock/org/large" }).waitFor();
  await page.getByRole("option", { name: "smart" }).click();
  await page.getByLabel("System prompt").fill("Be brief.");
  await page.getByRole("button", { name: "Parameters" }).click();
  await page.getByLabel("Temperature").fill("0.5");
  await page.keyboard.press("Escape");
  const question = page.getByLabel("Question");
  await question.fill("Say hello.");
  await question.press("Enter");
  await page.locator(".turn-answer strong", { hasText: "there" }).waitFor();
  await page
    .getByText(/tokens in, \d+ out · price unknown|\$/)
    .first()
    .waitFor();
  // HTML of an answer is text.
  expect(await page.locator(".turn-answer img").count()).toBe(0);
  expect(upstream.got.at(-1)?.body).toMatchObject({
    temperature: 0.5,
    messages: [{ role: "system" }, { role: "user" }],
  });
  wrong.push(...(await lookAt(page, "hub-playground-answer", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "View code" }).click();
  await page.getByRole("dialog").getByText(`curl ${url}/v1/chat/completions`).waitFor();
  wrong.push(...(await lookAt(page, "hub-playground-code", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.press("Escape");
  await page.reload();
  await page.locator(".turn-answer strong", { hasText: "there" }).waitFor();
  expect(await page.getByLabel("System prompt").inputValue()).toBe("Be brief.");
  upstream.does(keyed(right, { after: says("one two three four five six seven", { every: 400 }) }));
  await question.fill("Count.");
  await question.press("Enter");
  await page.locator(".turn-answer", { hasText: "one" }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped: the answer is not whole.").waitFor();

  await page.goto(`${url}/hub/models`);
  await page.getByRole("button", { name: "Edit mock" }).click();
  await form.getByLabel("API key", { exact: true }).fill("sk-wrong-000000");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("button", { name: "Save anyway" }).click();
  await page
    .getByRole("row", { name: /mock.*key refused/ })
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Remove mock" }).click();
  await page.getByText("Route smart, which then has no model left").waitFor();
  expect(wrong).toEqual([]);
});

test("a key is made, shown once, and revoked with one click", async () => {
  const { url, page } = await start();
  await page.goto(`${url}/hub/keys`);
  await page.getByRole("button", { name: "Create the first key" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("my app");
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.locator(".once code").innerText();
  expect(key).toMatch(/^dfv_/);
  await page.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row", { name: /my app/ });
  await row.getByText("active").waitFor();
  expect(await page.content()).not.toContain(key);
  await page.getByRole("button", { name: "Revoke my app" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await row.getByText("revoked").waitFor();
});

test("a budget is set by its form, and the playground says when it is used up and keeps what was typed", async () => {
  const { url, page, upstream } = await start();
  await page.goto(`${url}/hub/budgets`);
  await page.getByRole("button", { name: "Set the first budget" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Unit").click();
  await page.getByRole("option", { name: "requests" }).click();
  await form.getByLabel("Limit", { exact: true }).fill("1");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("row", { name: /the organisation.*1 request a month/ }).waitFor();

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
});

test("calls appear as they end, over the socket, and wait while the page is paused", async () => {
  const { url, page } = await start();
  await page.goto(`${url}/hub/traffic`);
  await page.getByText("No call yet").waitFor();
  await send(page, "POST", "/v1/chat/completions", chat);
  const rows = page.getByRole("row", { name: /mock\/small/ });
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole("button", { name: "Pause" }).click();
  await send(page, "POST", "/v1/chat/completions", chat);
  await page.waitForTimeout(800);
  expect(await rows.count()).toBe(1);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => rows.count()).toBe(2);
});

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
});

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
});

test("a budget is made for somebody by their name", async () => {
  const { url, page, wrong } = await start();
  await page.goto(`${url}/hub/budgets`);
  await page.getByRole("button", { name: "Set the first budget" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Applies to").click();
  await page.getByRole("option", { name: "person" }).click();
  await form.getByLabel("Person").click();
  const [option] = await page.getByRole("option").filter({ visible: true }).all();
  const name = (await option?.textContent()) ?? "";
  await mkdir(pictures, { recursive: true });
  wrong.push(...(await lookAt(page, "hub-new-budget", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await option?.click();
  await form.getByRole("button", { name: "Save" }).click();
  await page
    .getByText(`person ${name.split(" (")[0]}`)
    .first()
    .waitFor();
  expect(wrong).toEqual([]);
});
