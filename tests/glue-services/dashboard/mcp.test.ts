import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import { serveReference } from "../mcp-gateway/reference/server.ts";
import { browser, claim, complaints } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

test("a server is added, tested and tried, a call approved, and its log read, without an accessibility fault", async () => {
  const reference = await serveReference();
  onTestFinished(() => reference.close());
  const { url, welcome } = await served({
    services: [mcpGateway({ publicUrl: "http://localhost", programs: true, readSecret: async () => "" })],
  });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);

  await page.goto(`${url}/mcp-servers`);
  await page.getByText("Only the platform’s own tools so far").waitFor();
  wrong.push(...(await lookAt(page, "mcp-empty", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Add the first server" }).click();
  await page.getByLabel("Name").fill("Not a name");
  await page.getByLabel("Address").last().fill(reference.url);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Name").fill("reference");
  wrong.push(...(await lookAt(page, "mcp-new", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Add", exact: true }).click();

  await page
    .getByRole("button", { name: /reference/ })
    .first()
    .click();
  await page.getByText("test_simple_text").first().waitFor({ timeout: 20_000 });
  await page.getByLabel("Tool").first().click();
  await page.getByRole("option", { name: "test_simple_text" }).click();
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await page.getByText("This is a simple text response for testing.").waitFor();
  wrong.push(...(await lookAt(page, "mcp-server", pictures)));

  const send = (method: string, path: string, body: object) =>
    page.evaluate(
      `fetch(${JSON.stringify(path)}, ${JSON.stringify({
        ...{ method, headers: { "content-type": "application/json" } },
        body: JSON.stringify(body),
      })}).then((answer) => answer.json())`,
    );
  await send("PUT", "/api/mcp/rules", { tool: "test_error_handling", effect: "approve" });
  const servers = (await page.evaluate("fetch('/api/mcp/servers').then((answer) => answer.json())")) as {
    id: string;
  }[];
  await send("POST", `/api/mcp/servers/${servers[0]?.id}/try`, {
    tool: "test_error_handling",
    arguments: { why: "because" },
  });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${url}/mcp-servers/approvals`);
  await page.getByText('{"why":"because"}').waitFor();
  wrong.push(...(await lookAt(page, "mcp-approvals", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Approve test_error_handling" }).click();
  await page.getByText("approved").first().waitFor();

  await page.goto(`${url}/mcp-servers/calls`);
  await page.getByText("test_simple_text").first().waitFor();
  wrong.push(...(await lookAt(page, "mcp-calls", pictures)));
  expect(wrong).toEqual([]);
}, 300_000);
