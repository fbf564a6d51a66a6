import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { browser } from "../dashboard/browser.ts";
import { folderOf, platformApp, someDocs } from "./app.ts";

/** What a supervisor answers, in every state a page has to show. */
const someProcesses = () =>
  ["ready", "starting", "waiting", "unready", "crashloop", "stopped"].map((state, at) => ({
    name: `process-${at}`,
    component: `component-${at}`,
    version: "1.0.0",
    state,
    since: new Date(Date.now() - 10 ** (at + 3)).toISOString(),
    restarts: at,
    reason: state === "crashloop" ? "exited with code 2 six times in 40 s: bind: address already in use" : undefined,
    ports: [],
    rss: 10 ** (at + 3),
    cpu: at,
  }));

async function listening() {
  const processes = someProcesses();
  const socket = join(await folderOf({}), "api.sock");
  const supervisor = createServer((_request, response) => response.end(JSON.stringify(processes)));
  await new Promise<void>((resolve) => supervisor.listen(socket, resolve));
  onTestFinished(() => void supervisor.close());
  const addresses = { "component-0": "http://component.localhost:4400" };
  const app = await platformApp({ supervisor: socket, docs: await folderOf(someDocs), addresses });
  return { app, processes, address: await app.listen({ port: 0, host: "127.0.0.1" }), supervisor };
}

describe("plain pages in a browser", () => {
  test.each([
    ["light", 1280],
    ["light", 390],
    ["dark", 1280],
    ["dark", 390],
  ] as const)("are accessible and fit, %s at %i px", async (colorScheme, width) => {
    const { address } = await listening();
    const context = await browser({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
    const page = await context.newPage();
    const axe = await readFile(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
    for (const path of ["/status", "/docs/", "/docs/reference/errors", "/docs/search?q=install", "/docs/nothing"]) {
      await page.goto(address + path);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `${path} fits`).toBe(true);
      await page.evaluate(axe);
      const found = (await page.evaluate("axe.run()")) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[];
      };
      expect(
        found.violations.map(({ id, impact, nodes }) => `${impact} ${id} ${nodes[0]?.html}`),
        path,
      ).toEqual([]);
    }
  });

  test("the status page follows the platform, says when it is gone, and recovers", async () => {
    const { app, address, processes } = await listening();
    const page = await (await browser()).newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`${address}/status`);
    await page.getByText("2 components need attention").waitFor();
    for (const one of processes) if (["unready", "crashloop"].includes(one.state)) one.state = "ready";
    await page.getByText("components are ready").waitFor();
    await app.close();
    await page.getByText("does not answer").waitFor();
    expect(await page.getByText("component-0", { exact: true }).isVisible()).toBe(true);
    expect(problems).toEqual([]);
  });
});
