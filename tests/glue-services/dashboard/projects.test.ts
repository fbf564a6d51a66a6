import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
import { build } from "../build.ts";
import { cellar } from "../projects/cellar.ts";
import { browser, claim, complaints } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { builds } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

/** A platform with projects, and a service that removes its part of one when `open` is called. */
async function served() {
  const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  await buildDashboard(builds);
  const shell = await openShell(builds);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const people = identity({ publicUrl: url, secret: "tests-only-tests-only-tests-only-tests-only", clients: [] });
  const held = Promise.withResolvers<void>();
  onTestFinished(() => held.resolve());
  const { app, owner } = await build(
    [
      people,
      platform({
        ...{ version: "0.1.0", publicUrl: url, supervisor: undefined, runs: undefined, docs: undefined, addresses: {} },
        shell: shell.send,
      }),
      dashboard({ shell, version: "0.1.0", kind: "local", publicUrl: url }),
      projects(),
      aiGateway({ spool, readKey: async () => "a-key" }),
      knowledge(),
      cellar({ removing: () => held.promise }),
    ],
    { verify: people.verify },
  );
  await app.listen({ host: "127.0.0.1", port });
  return { url, owner, open: () => held.resolve(), welcome: await issueLink(owner, url, "welcome") };
}

test("makes a project, goes to it by the switch, works on it, sets its members, renames, archives and deletes it, and sees who has not finished", async () => {
  const { url, owner, open, welcome } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  const look = async (name: string) => {
    wrong.push(...(await lookAt(page, name, pictures)));
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1440, height: 900 });
  };
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  const { rows } = await owner.query<{ id: string }>(
    `insert into identity."user" (name, email, "emailVerified", username) values ('Bob Byte', 'bob@example.com', true, 'bob') returning id`,
  );
  await owner.query(
    `insert into identity.member ("organizationId", "userId", role, "createdAt") select id, $1, 'developer', now() from identity.organization`,
    [rows[0]?.id],
  );

  await page.getByRole("button", { name: "Project: Projects" }).click();
  await page.getByRole("menuitem", { name: "All projects" }).click();
  await page.getByText("No project yet").first().waitFor();
  await look("projects-empty");
  for (const name of ["Web shop", "Payroll"]) {
    await page.goto(`${url}/projects?new=1`);
    await page.getByRole("dialog").getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }
  await page.getByRole("button", { name: "Project: Payroll" }).click();
  await page.getByRole("menuitem", { name: "Web shop" }).click();
  await page.getByRole("heading", { level: 1, name: "Web shop" }).waitFor();
  await page.getByLabel("New task").fill("Paint the door");
  await page.getByLabel("New task").press("Enter");
  await page.getByRole("button", { name: "Paint the door" }).waitFor();

  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByText("Tasks to do").waitFor();
  await page.getByText("production", { exact: true }).waitFor();
  await page.getByText("Model cost in 30 days").waitFor();
  await look("project-overview");

  await page.getByRole("tab", { name: "Members" }).click();
  await page.getByText("Ada Lovelace").first().waitFor();
  await page.getByPlaceholder("Person of the organisation").click();
  await page.getByRole("option", { name: /Bob Byte/ }).click();
  await page.getByRole("button", { name: "Add member" }).click();
  await page.getByRole("button", { name: "Remove Bob Byte" }).waitFor();
  await look("project-members");
  await page.getByRole("button", { name: "Remove Bob Byte" }).click();
  await page.getByRole("button", { name: "Remove Bob Byte" }).waitFor({ state: "detached" });

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Name").fill("Shop");
  await page.getByLabel("Slug").fill("shop");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Shop" }).waitFor();
  await look("project-settings");
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive", exact: true }).click();
  await page.getByText("archived", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByRole("button", { name: "Archive", exact: true }).waitFor();

  await page.getByRole("tab", { name: "Activity" }).click();
  await page.getByText("archived the project Shop").waitFor();
  await page.getByText("added the task Paint the door").waitFor();
  await look("project-activity");

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const sure = page.getByRole("dialog");
  await sure.getByText("./devflow projects delete shop").waitFor();
  await sure.getByLabel("Type shop to confirm").fill("shop");
  await sure.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("heading", { name: "Being deleted" }).waitFor();
  await page.getByText("cellar").waitFor();
  await expect
    .poll(() => page.getByRole("listitem").filter({ hasText: "Knowledge" }).getByText("done").count())
    .toBe(1);
  await look("project-deleting");
  open();
  await page.getByText("This project is gone").waitFor();
  await page.goto(`${url}/projects`);
  await page.getByRole("row", { name: /Payroll/ }).waitFor();
  expect(await page.getByRole("row", { name: /Shop/ }).count()).toBe(0);
  await look("projects-list");
  expect(wrong).toEqual([]);
});
