import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import { provider } from "../ai-gateway/gateway.ts";
import { says, startUpstream } from "../ai-gateway/upstream.ts";
import { browser, claim, complaints, home } from "./browser.ts";
import { served } from "./platform.ts";

/** What the element with the focus is called, as a screen reader says it. */
const focused = `(() => {
  const at = document.activeElement;
  const labels = [...(at?.labels ?? [])].map(({ textContent }) => textContent).join(" ");
  const by = at?.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent).join(" ");
  return (labels || at?.ariaLabel || by || at?.textContent || "").trim();
})()`;

/** The option that a list is at. */
const chosen =
  "document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '')?.textContent ?? ''";

/** Goes on by Tab until the focus is on what is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: unknown[] = [];
  for (let step = 0; step < 80; step++) {
    const at = await page.evaluate(focused);
    if (name.test(String(at))) return;
    passed.push(String(at).slice(0, 60));
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${name}, but to ${passed.join(" | ")}`);
}

/** What the keyboard does on a page, each key as a person presses it. */
function keysOf(page: Page) {
  return {
    async type(name: RegExp, text: string): Promise<void> {
      await tabTo(page, name);
      await page.keyboard.press("Control+A");
      await page.keyboard.type(text);
    },
    async press(name: RegExp): Promise<void> {
      await tabTo(page, name);
      expect(await page.evaluate(visible), String(name)).toBe(true);
      await page.keyboard.press("Enter");
    },
  };
}

/** Whether one sees where the focus is: an outline, a shadow or another border than without it. */
const visible = `(() => {
  const at = document.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" || at.matches("input, textarea");
})()`;

const inDialog = "document.activeElement?.closest('[role=dialog]') !== null";

test("by the keyboard alone one adds files to the knowledge base, a rule, a project with tasks, and invites somebody", async () => {
  const { welcome } = await served({
    services: [
      aiGateway({ providers: [] }),
      knowledge({}),
      projects(),
      mcpGateway({ publicUrl: "http://localhost", programs: true, readSecret: async () => "" }),
    ],
  });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await claim(page, welcome);
  const { type, press } = keysOf(page);

  // The first thing that Tab comes to leads past the menu.
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(focused)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  await press(/^Invite somebody$/);
  await page.getByRole("dialog", { name: "Invite somebody" }).waitFor();
  await expect.poll(() => page.evaluate(inDialog)).toBe(true);
  // Nothing behind a window is reached from it, in either direction.
  for (const key of [...Array(12).fill("Tab"), ...Array(12).fill("Shift+Tab")]) {
    await page.keyboard.press(key);
    expect(await page.evaluate(inDialog)).toBe(true);
  }
  await type(/^E-mail address/, "bob@example.com");
  await press(/^Invite$/);
  await page.getByText("Give this link to bob@example.com.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await expect.poll(() => page.evaluate("document.activeElement !== document.body")).toBe(true);

  await press(/^Hub$/);
  await page.getByRole("heading", { level: 1, name: "Knowledge" }).waitFor();
  await press(/^Sources$/);
  await page.getByText("No source yet").waitFor();
  await press(/^Add source$/);
  await page.getByRole("dialog", { name: "Add source" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // The focus is again on what opened it.
  await expect.poll(() => page.evaluate(focused)).toBe("Add source");

  await press(/^Rules$/);
  await press(/^Set the first rule$/);
  await type(/^Tool/, "delete_*");
  await press(/^Set the rule$/);
  await page.getByText("delete_*").waitFor();
  await press(/^Remove the rule for delete_\*$/);
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.evaluate(focused)).toBe("Remove the rule for delete_*");

  await press(/^Projects$/);
  await press(/^New project$/);
  await type(/^Name/, "New kiln");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "New kiln" }).waitFor();
  // A key that does something on the page is a letter in a field.
  await page.keyboard.press("n");
  await expect.poll(() => page.evaluate(focused)).toBe("New task");
  await page.keyboard.type("Sand and Nails");
  expect(await page.evaluate("document.activeElement.value")).toBe("Sand and Nails");
  await page.keyboard.press("Enter");
  await page.getByText("Sand and Nails").waitFor();

  await page.keyboard.press("Control+K");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("api keys");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "API keys" }).waitFor();
  await press(/^Create the first key$/);
  await type(/^Name/, "pipeline");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText(/^dfk_/).first().waitFor();
  await press(/^Done$/);
  await page.getByRole("row", { name: /pipeline/ }).waitFor();
  expect(wrong).toEqual([]);
});

test("an Enter that ends a word of an input method sends nothing", async () => {
  const upstream = await startUpstream(says("Hello from the mock."));
  const { url, welcome } = await served({
    services: [aiGateway({ providers: [provider(upstream.url)], readKey: async () => "a-key" })],
  });
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  await page.goto(`${url}/hub/playground?model=mock/talk`);
  const question = page.getByLabel("Question");
  await question.fill("こんにちは");
  await question.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true });
  expect(await question.inputValue()).toBe("こんにちは");
  expect(await page.getByText("You", { exact: true }).count()).toBe(0);
  await question.press("Enter");
  await page.getByText("You", { exact: true }).waitFor();
});

test("by the keyboard alone one signs in, adds a provider, makes a key and asks a model", async () => {
  const upstream = await startUpstream(says("Hello from the mock."));
  const { url, welcome } = await served({ services: [aiGateway({ providers: [] })] });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await claim(page, welcome);
  await page.context().clearCookies();
  await page.goto(url);
  await page.getByLabel("Password").waitFor();
  const { type, press } = keysOf(page);
  await type(/^E-mail address/, "ada@example.com");
  await type(/^Password/, "copper lantern drifts quietly 42");
  await page.keyboard.press("Enter");
  await page.waitForURL(url + home);
  await page.getByRole("link", { name: "Hub", exact: true }).waitFor();

  await press(/^Hub$/);
  await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
  await press(/^Add the first provider$/);
  await page.getByRole("dialog").waitFor();
  await tabTo(page, /^Provider( \*)?$/);
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: /OpenAI-compatible/ }).waitFor();
  for (let step = 0; step < 12 && !/OpenAI-compatible/.test(String(await page.evaluate(chosen))); step++) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await type(/^Address/, upstream.url);
  await type(/^Name/, "mock");
  await press(/^Save$/);
  await page.getByText("mock: answers").waitFor();
  // What took the form's place has the focus, not the page behind it.
  expect(await page.evaluate("document.activeElement?.closest('[role=dialog]') !== null")).toBe(true);
  await type(/^Route smart/, "mock/small");
  await page.getByRole("option", { name: "mock/small" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await press(/^Create route$/);
  await page.getByText("Try it in the playground").waitFor();
  await press(/^Done$/);
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await press(/^Model keys$/);
  await page.getByText("No model key yet").waitFor();
  await press(/^Create the first key$/);
  await type(/^Name/, "my laptop");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText(/^dfv_/).first().waitFor();
  await press(/^Done$/);
  await page.getByRole("row", { name: /my laptop/ }).waitFor();

  await press(/^Playground$/);
  await page.getByRole("heading", { level: 1, name: "Playground" }).waitFor();
  await type(/^Question/, "Hello");
  await page.keyboard.press("Enter");
  await page.getByText("Hello from the mock.").waitFor();
  expect(wrong).toEqual([]);
});
