import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The system's Chromium, one for all tests of a file. */
let running: Promise<Browser> | undefined;
afterAll(async () => (await running)?.close());

/** A person's browser: nothing of it is another's, and it is gone when the test ends. */
export async function browser(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  running ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  const context = await (await running).newContext({
    ...{ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" },
    ...options,
  });
  context.setDefaultTimeout(60_000);
  onTestFinished(() => context.close());
  return context;
}

/** What the page complained about: errors of scripts, and of the page's policy. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(error.message));
  page.on("console", (message) => {
    // A request that is refused is told by the page itself.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) found.push(message.text());
  });
  return found;
}

/** Address of the organisation that `claim` makes: that of its overview, and before those of its other pages. */
export const home = "/o/example-ltd";

/** Makes the first administrator through the welcome page and ends on the overview, or on the page that was asked for. */
export async function claim(page: Page, welcome: string): Promise<void> {
  await page.goto(welcome);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill("copper lantern drifts quietly 42");
  await page.getByLabel("Organisation").fill("Example Ltd");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(({ pathname }) => pathname.startsWith(home));
  await page.getByRole("heading", { level: 1 }).waitFor();
}
