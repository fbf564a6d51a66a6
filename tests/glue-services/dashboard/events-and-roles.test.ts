import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { browser, claim, complaints } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

test("recent events are listed, chosen by topic, opened with their content, and earlier ones read on demand", async () => {
  const { url, welcome, owner } = await served();
  await owner.query(
    `insert into devflow.event (topic, key, payload)
     select case when n % 4 = 0 then 'clock.struck' else 'clock.ticked' end, 'clock-' || n, jsonb_build_object('n', n)
     from generate_series(1, 70) n`,
  );
  await owner.query(
    `insert into devflow.delivery (subscriber, slot, event_id, key, attempts, retry_at, error)
     select 'log.keep', 0, id, key, 2, now() + interval '1 minute', 'The log is full.'
     from devflow.event where key = 'clock-69'`,
  );
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${url}/events`);
  const contents: string[] = [];
  page.on("response", (response) => {
    if (/events\/\d+$/.test(new URL(response.url()).pathname)) contents.push(response.url());
  });
  await page.getByRole("tab", { name: "Recent" }).click();
  const rows = page.getByRole("table", { name: "events" }).locator("tbody tr");
  await expect.poll(() => rows.count()).toBe(50);
  await page
    .getByRole("row", { name: /clock-69/ })
    .getByText("failing")
    .waitFor();
  wrong.push(...(await lookAt(page, "recent-events", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByRole("button", { name: "Earlier events" }).click();
  const { rowCount } = await owner.query("select from devflow.event");
  await expect.poll(() => rows.count()).toBe(rowCount);
  await page.getByRole("button", { name: "Earlier events" }).waitFor({ state: "detached" });

  await page
    .getByRole("row", { name: /clock-69/ })
    .getByRole("link")
    .click();
  const panel = page.getByRole("dialog");
  await panel.getByText("The log is full.").waitFor();
  expect(contents).toEqual([]);
  await panel.getByRole("button", { name: "Show the content" }).click();
  await panel.getByText('"n": 69').waitFor();
  wrong.push(...(await lookAt(page, "recent-event", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.press("Escape");

  await page.getByRole("combobox", { name: "Topic" }).click();
  await page.getByRole("option", { name: "clock.struck" }).click();
  await expect.poll(() => rows.count()).toBe(17);
  expect(new URL(page.url()).searchParams.get("topic")).toBe("clock.struck");
  expect(wrong).toEqual([]);
});

test("an organisation's own role is made, changed and deleted; a taken name, and a built-in role, are left alone", async () => {
  const { url, welcome, owner } = await served();
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${url}/people?tab=roles`);
  const stored = async () =>
    (await owner.query("select name, description, permissions from identity.role where organisation_id is not null"))
      .rows;
  const dialog = page.getByRole("dialog");

  await page.getByRole("button", { name: "New role" }).click();
  await dialog.getByLabel("Name").fill("Release Manager");
  await dialog.getByRole("button", { name: "Create role" }).click();
  await dialog.getByText("Lowercase letters, digits and dashes").first().waitFor();
  await dialog.getByLabel("Name").fill("viewer");
  await dialog.getByRole("button", { name: "Create role" }).click();
  await dialog.getByText("The role viewer is built in.").waitFor();
  await dialog.getByLabel("Name").fill("releaser");
  await dialog.getByLabel("Description").fill("Releases, and nothing else.");
  await dialog.getByLabel("Permissions").fill("people:manage");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  wrong.push(...(await lookAt(page, "new-role", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByRole("button", { name: "Create role" }).click();
  const row = page.getByRole("row", { name: /^releaser/ });
  await row.waitFor();
  const description = "Releases, and nothing else.";
  expect(await stored()).toEqual([{ name: "releaser", description, permissions: ["*:read", "people:manage"] }]);

  await page.getByRole("button", { name: "New role" }).click();
  await dialog.getByLabel("Name").fill("releaser");
  await dialog.getByRole("button", { name: "Create role" }).click();
  await dialog.getByText("There is a role releaser already.").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await stored()).toHaveLength(1);

  await row.getByRole("link").click();
  await dialog.getByLabel("Permissions").fill("keys:write");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("is changed for everybody who has it").waitFor();
  expect(await stored()).toMatchObject([{ permissions: ["*:read", "people:manage", "keys:write"] }]);
  wrong.push(...(await lookAt(page, "role", pictures)));
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page
    .getByRole("dialog", { name: /Delete the role/ })
    .getByRole("button", { name: "Delete" })
    .click();
  await row.waitFor({ state: "detached" });
  expect(await stored()).toEqual([]);

  await page.goto(`${url}/people?tab=roles&role=viewer`);
  await dialog.getByText("It is built in").waitFor();
  expect(await dialog.getByRole("button", { name: /Save|Delete/ }).count()).toBe(0);
  expect(wrong).toEqual([]);
});
