import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
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
    passed.push(at);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${name}, but to ${passed.join(" | ")}`);
}

test("by the keyboard alone one signs in, adds a provider, makes a key and asks a model", async () => {
  const upstream = await startUpstream(says("Hello from the mock."));
  const { url, welcome } = await served({ services: [aiGateway({ providers: [] })] });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await claim(page, welcome);
  await page.context().clearCookies();
  await page.goto(url);
  await page.getByLabel("Password").waitFor();
  const type = async (name: RegExp, text: string) => {
    await tabTo(page, name);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  };
  const press = async (name: RegExp) => {
    await tabTo(page, name);
    await page.keyboard.press("Enter");
  };
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
