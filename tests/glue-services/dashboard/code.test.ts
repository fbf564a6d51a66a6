import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { code } from "../../../glue-services/code/app.ts";
import { ready } from "../../installer/supervisor/test-stack.ts";
import { startHosting } from "../code/hosting.ts";
import { browser, claim, complaints } from "./browser.ts";
import { faults, look, lookAt, looks } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

test("the page of Git hosting waits until it is ready, lists repositories as links, and prints commands that push", async () => {
  const hosting = await startHosting((end) => onTestFinished(end));
  const { gitea } = hosting;
  const { url, welcome, stack } = await served({ services: [code(gitea)], addresses: { code: gitea.publicUrl } });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  await claim(page, welcome);
  const { person } = await (await page.request.get(`${url}/api/identity/me`)).json();

  // It never gets ready by itself: the way in is not offered.
  const supervisor = await stack.client();
  await supervisor.put(stack.spec("code", { version: "1.26.0", after: ["nothing"] }));
  await page.goto(`${url}/code`);
  await page.getByText("Git hosting is not ready").waitFor();
  expect(await page.getByRole("link", { name: "Open Git hosting" }).count()).toBe(0);
  wrong.push(...(await lookAt(page, "code-waits", pictures)));
  await supervisor.put(stack.spec("code", { version: "1.26.0" }));
  await ready(supervisor, "code");

  // While the list is read.
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route("**/api/code/repositories", async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await page.getByRole("status", { name: "Loading" }).waitFor();
  for (const [scheme, width] of looks) {
    await look(page, scheme, width);
    wrong.push(...(await faults(page)).map((fault) => `loading ${scheme} ${width}: ${fault}`));
  }
  goOn();
  await page.getByText("You have no account in Git hosting yet.").waitFor();
  await page.unroute("**/api/code/repositories");

  await hosting.account("ada", person);
  await hosting.api("POST", "/user/repos", { name: "ferry", private: true, auto_init: true }, "ada");
  await page.reload();
  const row = page.getByRole("link", { name: /ada\/ferry/ });
  expect(await row.getAttribute("href")).toBe(`${gitea.publicUrl}/user/login?redirect_to=%2Fada%2Fferry`);
  for (const name of ["Open Git hosting", "New repository"]) {
    expect(await page.getByRole("link", { name }).getAttribute("href")).toContain("/user/login?redirect_to=");
  }
  await page.getByRole("button", { name: "Make a token for git" }).click();
  const token = await page.locator(".once code").innerText();
  wrong.push(...(await lookAt(page, "code", pictures)));

  // The commands as they stand there, with the token where git asks for it.
  const printed = await page.locator(".command code").allInnerTexts();
  const folder = await mkdtemp(join(tmpdir(), "devflow-code-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "token"), `#!/bin/sh\necho ${token}\n`, { mode: 0o700 });
  const env = { ...process.env, HOME: folder, GIT_ASKPASS: join(folder, "token"), GIT_TERMINAL_PROMPT: "0" };
  const shell = (command: string, cwd: string) => promisify(execFile)("sh", ["-ec", command], { cwd, env });
  const [clone = "", remote = "", push = "", keep = ""] = printed.filter((command) => command.startsWith("git "));
  await shell(`${clone} cloned && test -f cloned/README.md`, folder);
  await shell("git init -q -b more && git config user.name Ada && git config user.email ada@example.com", folder);
  await shell(`git commit -q --allow-empty -m More && ${remote} && ${push}`, folder);
  await shell(keep, folder);
  await hosting.api("GET", "/repos/ada/ferry/branches/more");
  expect(wrong).toEqual([]);
});
