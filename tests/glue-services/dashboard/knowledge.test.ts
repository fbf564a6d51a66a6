import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { dashboard } from "../../../glue-services/dashboard/app.ts";
import { buildDashboard } from "../../../glue-services/dashboard/build.ts";
import { openShell } from "../../../glue-services/dashboard/shell.ts";
import { identity } from "../../../glue-services/identity/app.ts";
import { issueLink } from "../../../glue-services/identity/one-time-link.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { platform } from "../../../glue-services/platform/app.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import { freePort } from "../../installer/supervisor/test-stack.ts";
import { provider } from "../ai-gateway/gateway.ts";
import { build } from "../build.ts";
import { startModels } from "../knowledge/models.ts";
import { html, startSite } from "../knowledge/site.ts";
import { browser, claim, complaints } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { builds } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

const guide = `# Kiln manual

## Firing

Fire the kiln at 1240 degrees for stoneware, and let it cool for a day.

\`\`\`ts
await kiln.fire({ degrees: 1240 });
\`\`\`
`;

/** A platform with a knowledge base and a site that it may read. */
async function served() {
  const folder = await mkdtemp(join(tmpdir(), "devflow-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "kiln.md"), guide);
  await buildDashboard(builds);
  const shell = await openShell(builds);
  const models = await startModels((user) => {
    const number = /<passage number="(\d)" title="[^"]*Firing"/.exec(user)?.[1];
    return number ? `Stoneware is fired at 1240 degrees [${number}].` : "NOT_FOUND";
  });
  const links = Array.from({ length: 12 }, (_, i) => `/docs/page-${i}`);
  const site = await startSite(
    { "/docs/": html("Pottery docs", "Where the glaze begins.", links) },
    (request, response) => {
      if (!request.url?.startsWith("/docs/page-")) return void response.writeHead(404).end();
      const number = request.url.slice(11);
      setTimeout(() => response.end(html(`Glaze ${number}`, `Recipe number ${number} for a celadon glaze.`)), 150);
    },
  );
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const people = identity({ publicUrl: url, secret: "tests-only-tests-only-tests-only-tests-only", clients: [] });
  const { app, owner } = await build(
    [
      people,
      platform({
        version: "0.1.0",
        publicUrl: url,
        supervisor: undefined,
        runs: undefined,
        docs: undefined,
        addresses: {},
        shell: shell.send,
      }),
      dashboard({ shell, version: "0.1.0", kind: "local", publicUrl: url }),
      aiGateway({ spool: join(folder, "spool"), readKey: async () => "a-key", providers: [provider(models.url)] }),
      projects(),
      knowledge({ allow: [site.host] }),
    ],
    { verify: people.verify },
  );
  await app.listen({ host: "127.0.0.1", port });
  return { url, site, welcome: await issueLink(owner, url, "welcome"), file: join(folder, "kiln.md") };
}

/** Pictures of what is shown, in both schemes and widths; what is wrong with it is added to `wrong`. */
async function look(page: Page, name: string, wrong: string[]): Promise<void> {
  wrong.push(...(await lookAt(page, name, pictures)));
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
}

test("adds sources and sees them read, searches, reads what is cited, and asks", async () => {
  const { url, site, welcome, file } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  await page.goto(`${url}/knowledge`);
  await page.getByText("Nothing is known yet").waitFor();
  await look(page, "knowledge-empty", wrong);
  // Nothing but words is needed to find; a model is what makes meaning count.
  const setting = { embeddingModel: "mock/embed-64", answerModel: "mock/talk" };
  expect(
    await page.evaluate(
      `fetch("/api/knowledge/settings", {method: "PUT", headers: {"content-type": "application/json"}, body: ${JSON.stringify(JSON.stringify(setting))}}).then((answer) => answer.status)`,
    ),
  ).toBe(200);

  await page.getByRole("link", { name: "Add the first source" }).click();
  const dialog = page.getByRole("dialog", { name: "Add source" });
  await dialog.getByLabel("Address").fill(`${site.url}/docs/`);
  await dialog.getByLabel("Name").fill("Pottery");
  await look(page, "knowledge-add", wrong);
  await dialog.getByRole("button", { name: "Add and read it" }).click();
  const row = page.getByRole("row", { name: /Pottery/ });
  await row.getByText(/reading \d+ of \d+/).waitFor();
  await look(page, "knowledge-reading", wrong);
  await row.getByText("ready").waitFor();

  await page.goto(`${url}/knowledge/sources?add=files`);
  await dialog.locator("input[type=file]").setInputFiles(file);
  await dialog.getByRole("button", { name: "Upload" }).click();
  await page.getByRole("row", { name: /Files/ }).getByText("ready").waitFor();
  await page.getByRole("row", { name: /Files/ }).getByRole("link").first().click();
  await page.getByText("Last reading: 1 found").waitFor();
  await page.keyboard.press("Escape");
  // What could not be read stands file by file, with what to do.
  await page.goto(`${url}/knowledge/sources?add=files`);
  await dialog
    .locator("input[type=file]")
    .setInputFiles([{ name: "broken.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 broken") }]);
  await dialog.getByRole("button", { name: "Upload" }).click();
  await page.getByRole("row", { name: /Files/ }).getByText("incomplete, 1 failed").waitFor({ timeout: 40_000 });
  await page.getByRole("row", { name: /Files/ }).getByRole("link").first().click();
  const problems = page.getByRole("dialog").getByRole("region", { name: "Problems" });
  await problems.getByText("broken.pdf", { exact: true }).waitFor();
  await problems.getByText("Failed (1)").waitFor();
  await look(page, "knowledge-source", wrong);

  await page.goto(`${url}/knowledge`);
  await page.getByLabel("Search the knowledge base").fill("how hot for stoneware");
  const hit = page.getByRole("link", { name: "Kiln manual › Firing" });
  await hit.waitFor();
  expect(new URL(page.url()).searchParams.get("q")).toBe("how hot for stoneware");
  await page.getByText("stoneware", { exact: true }).first().waitFor();
  await look(page, "knowledge-search", wrong);
  await hit.click();
  await page.locator(".reader-cited").first().waitFor();
  expect(await page.locator(".reader-cited").first().getAttribute("data-line")).toBe("5");
  await look(page, "knowledge-page", wrong);
  await page.goBack();
  await hit.waitFor();

  await page.goto(`${url}/knowledge/ask`);
  await page.getByLabel("Question").fill("How hot is stoneware fired?");
  await page.getByLabel("Question").press("Enter");
  await page.getByText("Stoneware is fired at 1240 degrees [").waitFor();
  await page.getByRole("link", { name: "Kiln manual › Firing" }).waitFor();
  await look(page, "knowledge-ask", wrong);
  expect(wrong).toEqual([]);
});

test("works on tasks by keys and by dragging, with a day, an assignee, comments and history, and takes a document back to a former version", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  await page.goto(`${url}/projects`);
  await page.getByText("No project yet").waitFor();
  await page.getByRole("button", { name: "New project" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill("New kiln");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "New kiln" }).waitFor();
  for (const title of ["Design the door", "Order bricks", "Fire it"]) {
    await page.getByLabel("New task").fill(title);
    await page.getByLabel("New task").press("Enter");
    await page.getByRole("button", { name: title }).waitFor();
  }
  const column = (name: string) => page.getByRole("region", { name });
  // From task to task by arrows, and to the field for a new one by its key.
  const focus = () => page.evaluate("document.activeElement?.textContent || document.activeElement?.ariaLabel");
  await page.getByRole("button", { name: "Design the door" }).focus();
  await page.keyboard.press("ArrowDown");
  expect(await focus()).toBe("Order bricks");
  await page.keyboard.press("n");
  expect(await focus()).toBe("New task");
  await page.getByRole("button", { name: "Order bricks" }).press("Alt+ArrowUp");
  await expect
    .poll(() => column("To do").locator(".task > button").allInnerTexts())
    .toEqual(["Order bricks", "Design the door", "Fire it"]);
  await page.getByRole("button", { name: "Order bricks" }).press("Alt+ArrowRight");
  await column("Doing").getByRole("button", { name: "Order bricks" }).waitFor();
  // The focus goes along, so that the next key moves it on; without Alt it goes to the task beside.
  await expect.poll(focus).toBe("Order bricks");
  await page.keyboard.press("Alt+ArrowRight");
  await column("In review").getByRole("button", { name: "Order bricks" }).waitFor();
  await expect.poll(focus).toBe("Order bricks");
  await page.keyboard.press("Alt+ArrowLeft");
  await column("Doing").getByRole("button", { name: "Order bricks" }).waitFor();
  await expect.poll(focus).toBe("Order bricks");
  await page.keyboard.press("ArrowLeft");
  expect(await focus()).toBe("Design the door");
  // A list that is read while a move is under way does not take the task back, nor does a drop open it.
  const dragged = column("In review").getByRole("button", { name: "Design the door" });
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  await page.route("**/api/knowledge/tasks/*", async (route) => {
    if (route.request().method() === "PATCH") await held;
    await route.continue();
  });
  await page.getByRole("button", { name: "Design the door" }).dragTo(column("In review"));
  await dragged.waitFor();
  const tasks = `${url}/api/knowledge/projects/${new URL(page.url()).pathname.split("/").at(-1)}/tasks`;
  const another = { data: { title: "Sweep" }, headers: { origin: url } };
  expect((await page.request.post(tasks, another)).status()).toBe(201);
  await column("To do").getByRole("button", { name: "Sweep" }).waitFor();
  expect([await dragged.count(), await page.getByRole("dialog").count()]).toEqual([1, 0]);
  // The answer to a move before this one may still be on its way.
  const kept = page.waitForResponse(
    async (answer) =>
      answer.request().method() === "PATCH" &&
      ((await answer.json()) as { title?: string }).title === "Design the door",
  );
  letGo();
  await kept;
  await page.reload();
  await column("In review").getByRole("button", { name: "Design the door" }).waitFor();
  await column("Doing").getByRole("button", { name: "Order bricks" }).waitFor();

  await page.getByRole("button", { name: "Fire it" }).click();
  const assignee = page.getByRole("dialog").locator("input[placeholder=Nobody]");
  await assignee.click();
  await page.getByRole("option", { name: /\(you\)/ }).waitFor();
  await assignee.fill("potter");
  await page.getByRole("option", { name: "potter" }).click();
  await page.getByLabel("Due").fill("2020-02-29");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("agent potter").waitFor();
  await column("To do").getByText("overdue 29 Feb 2020").waitFor();
  await page.getByRole("button", { name: "Fire it" }).click();
  const activity = page.getByRole("dialog").getByRole("region", { name: "Activity" });
  await activity.getByText("Ada Lovelace added the task").waitFor();
  await activity.getByText("assigned it to agent potter, set the due date to 29 Feb 2020").waitFor();
  await activity.getByLabel("Comment").fill("The kiln is **hot**.");
  await activity.getByLabel("Comment").press("Control+Enter");
  await activity.locator("strong", { hasText: "hot" }).waitFor();
  expect(await activity.getByLabel("Comment").inputValue()).toBe("");
  await activity.getByRole("button", { name: "Edit" }).click();
  await activity.locator(".comment textarea").first().fill("The kiln is **cold**.");
  await activity.getByRole("button", { name: "Save comment" }).click();
  await activity.locator("strong", { hasText: "cold" }).waitFor();
  await activity.getByText("(edited)").waitFor();
  await look(page, "projects-task", wrong);
  await page.keyboard.press("Escape");
  await column("To do").getByText("1 comment").waitFor();
  await look(page, "projects-board", wrong);

  await page.getByRole("tab", { name: "Documents" }).click();
  await page.getByRole("button", { name: "New document" }).first().click();
  await page.getByRole("dialog").getByLabel("Title").fill("Plan");
  await page.getByRole("dialog").getByLabel("Text").fill("First **thoughts**.");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("row", { name: /Plan/ }).getByRole("link").first().click();
  const panel = page.getByRole("dialog", { name: "Plan" });
  await panel.locator("strong", { hasText: "thoughts" }).waitFor();
  await panel.getByText("Edit", { exact: true }).click();
  await panel.getByLabel("Text").fill("Second thoughts.");
  await panel.getByRole("button", { name: "Save as version 2" }).click();
  await panel.getByRole("button", { name: "Restore version 1" }).click();
  await panel.getByText("Version 1 again").waitFor();
  await panel.locator("strong", { hasText: "thoughts" }).waitFor();
  await look(page, "projects-document", wrong);
  await page.goto(`${url}/projects`);
  await page.getByRole("row", { name: /New kiln/ }).waitFor();
  await look(page, "projects", wrong);
  expect(wrong).toEqual([]);
});
