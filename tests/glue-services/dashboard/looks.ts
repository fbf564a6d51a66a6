import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Shows a page in both schemes and widths, takes its pictures, and answers what is wrong with it. */
export async function lookAt(page: Page, name: string, pictures: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [scheme, width] of looks) {
    await look(page, scheme, width);
    const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
    if (wide > 0) wrong.push(`${name} is ${wide} pixels wider than ${width}`);
    await page.screenshot({ path: `${pictures}${scheme}-${width}-${name}.png` });
    if ((scheme === "light") === (width === 1440)) {
      wrong.push(...(await faults(page)).map((fault) => `${name} ${scheme} ${width}: ${fault}`));
    }
  }
  return wrong;
}

/** Widths change the layout and schemes the colours; between them these looks have all of both. */
export const looks: [scheme: "light" | "dark", width: number][] = [
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
  ["dark", 390],
];

/** Makes the page look so, and waits until it does. */
export async function look(page: Page, scheme: "light" | "dark", width: number): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
  // Pages without the app follow the system by their style alone.
  const shown =
    "document.documentElement.getAttribute('data-mantine-color-scheme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')";
  await expect.poll(() => page.evaluate(shown)).toBe(scheme);
  // Colours that change are shown with the frames after it.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))");
}

/** What a field opens (a list to choose from) stands at the end of the page and not in a landmark, while it is open. */
const ofField = /^<div [^>]*data-composed="true"/;

/** Findings of every weight, each with where it is. */
export async function faults(page: Page): Promise<string[]> {
  // The page's policy forbids scripts of others, so it is evaluated instead of added.
  await page.evaluate(await readFile(axe, "utf8"));
  const found = (await page.evaluate("axe.run(document, {resultTypes: ['violations']})")) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  const told = found.violations.flatMap(({ id, impact, nodes }) =>
    nodes
      .filter(({ html }) => id !== "region" || !ofField.test(html))
      .map(({ html, failureSummary }) => `${impact} ${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
  const unseen = (await page.evaluate(blank)) as string[];
  return [...told, ...unseen.map((html) => `text in the colour of its ground: ${html}`)];
}

/** Buttons and links whose text nobody can read: axe passes over a contrast of 1, which may be meant. */
const blank = `[...document.querySelectorAll("button, a")]
  .filter((one) => one.innerText.trim() && one.checkVisibility())
  .filter((one) => { const { color, backgroundColor } = getComputedStyle(one); return color === backgroundColor; })
  .map((one) => one.outerHTML.slice(0, 200))`;
