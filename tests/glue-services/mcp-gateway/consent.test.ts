import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Page } from "playwright-core";
import { expect, it, onTestFinished } from "vitest";
import { browser as chromium, complaints } from "../dashboard/browser.ts";
import { faults, looks } from "../dashboard/looks.ts";
import { strong } from "../identity/platform.ts";
import { notesWithTools } from "./notes-tools.ts";
import { platformWithSignOn, provider } from "./oauth.ts";

const pictures = process.env.PICTURES ?? `${tmpdir()}/devflow-pictures/`;

it("a person signs in, reads who asks for what and for which organisation, leaves something out, and agrees", async () => {
  const on = await platformWithSignOn([notesWithTools]);
  await on.ada.ok("POST", "/api/identity/organisations", { name: "Second GmbH", owner: "ada@example.com" });
  const answers = await listener();
  const kept = provider({
    redirectUrl: answers.url,
    clientMetadata: { client_name: "An editor <b>of</b> texts", redirect_uris: [answers.url] },
  });
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", on.url), { authProvider: kept });
  const client = new Client({ name: "test", version: "1" });
  await expect(client.connect(transport)).rejects.toThrow(/[Uu]nauthorized/);

  const context = await chromium();
  const page = context.pages()[0] ?? (await context.newPage());
  const wrong = complaints(page);
  await page.goto(String(kept.sentTo));
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill(strong);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Connect An editor <b>of</b> texts?" }).waitFor();
  await expect(page.getByText(`${new URL(answers.url).origin} (a program on this computer)`).isVisible()).resolves.toBe(
    true,
  );
  await mkdir(pictures, { recursive: true });
  for (const [scheme, width] of looks) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    expect(await faults(page)).toEqual([]);
    await page.screenshot({ path: `${pictures}${scheme}-${width}-consent.png` });
  }
  await page.getByLabel("Organisation", { exact: true }).selectOption({ label: "Second GmbH" });
  await expect.poll(() => chosen(page)).toBe("Second GmbH");
  await page.getByLabel("Write and change what you may change").uncheck();
  await page.getByRole("button", { name: "Connect" }).click();
  await page.waitForURL((url) => url.href.startsWith(answers.url));
  await transport.finishAuth(new URL(page.url()).searchParams);
  expect(String(kept.saved.tokens?.scope).split(" ")).not.toContain("*:write");
  expect(wrong).toEqual([]);

  const agent = new StreamableHTTPClientTransport(new URL("/mcp", on.url), { authProvider: kept });
  const again = new Client({ name: "test", version: "1" });
  await again.connect(agent);
  onTestFinished(() => again.close());
  const { rows } = await on.owner.query<{ id: string }>(
    `select id from identity.organization where name = 'Second GmbH'`,
  );
  const found = await again.callTool({ name: "find_scribbles", arguments: { query: "x" } });
  expect(found.structuredContent).toMatchObject({ organisation: rows[0]?.id });
});

it("a person says no, and the program is told", async () => {
  const on = await platformWithSignOn();
  const kept = provider();
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", on.url), { authProvider: kept });
  await expect(new Client({ name: "test", version: "1" }).connect(transport)).rejects.toThrow(/[Uu]nauthorized/);
  const back = await on.ada.agree(kept.sentTo ?? "", { accept: false });
  expect(back.origin).toBe("http://localhost:33418");
  expect(back.searchParams.get("error")).toBe("access_denied");
  expect((await on.owner.query(`select from identity."oauthConsent"`)).rowCount).toBe(0);
});

async function chosen(page: Page): Promise<string | null> {
  return page
    .locator("#organisation option:checked")
    .textContent()
    .catch(() => null);
}

/** A program that waits for its answer on an address of this machine. */
async function listener(): Promise<{ url: string }> {
  const server = createServer((_asked, answer) => answer.end("You may close this."));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback` };
}
