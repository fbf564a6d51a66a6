import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { totp } from "../identity/totp.ts";
import { browser, claim, home } from "./browser.ts";
import { served } from "./platform.ts";

const password = "copper lantern drifts quietly 42";

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /account and appearance/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
}

async function enter(page: Page): Promise<void> {
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const arrived = (page: Page) => page.waitForURL((url) => url.pathname === home);

test("a passkey is added, renamed and signs in without a password; removed, it does not", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  // A security key that Chromium itself plays, with the real protocol.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true },
    },
  });
  await claim(page, welcome);
  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("The passkey works from now on.").waitFor();
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Work laptop");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("Work laptop").waitFor();
  await signOut(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await arrived(page);

  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Work laptop").waitFor({ state: "detached" });
  await signOut(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.locator("#problem").filter({ visible: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/sign-in");
});

test("a second factor is set up by its key, asked for, let in by a code and by a backup code, and turned off", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "Set up" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Your password").fill(password);
  await dialog.getByRole("button", { name: "Continue" }).click();
  const secret = await dialog.locator(".once code").innerText();
  const uri = `otpauth://totp/x?secret=${secret}`;
  const [backup = ""] = (await dialog.locator("pre").innerText()).split("\n");
  await dialog.getByLabel("Code that the app shows now").fill(totp(uri));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("It is on.").waitFor();

  await signOut(page);
  await enter(page);
  await giveCode("000000");
  await page.locator("#problem").filter({ visible: true }).waitFor();
  await giveCode(totp(uri));
  await arrived(page);
  await signOut(page);
  await enter(page);
  await giveCode(backup);
  await arrived(page);
  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "Turn off" }).click();
  await dialog.getByLabel("Your password").fill(password);
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await page.getByText("It is off.").waitFor();
  await signOut(page);
  await enter(page);
  await arrived(page);

  async function giveCode(code: string): Promise<void> {
    await page.getByLabel("Code of your second factor").fill(code);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  }
});

test("a person who is removed is out of every open page within five seconds", async () => {
  const { url, welcome } = await served();
  const ada = await (await browser()).newPage();
  await claim(ada, welcome);
  const made = await ada.request.post(`${url}/api/identity/invitations`, {
    headers: { origin: url },
    data: { email: "dev@example.com", roles: ["developer"] },
  });
  const dev = await (await browser()).newPage();
  await dev.goto((await made.json()).link);
  await dev.getByLabel("Your name").fill("Dev");
  await dev.getByLabel("Password").fill(password);
  await dev.getByRole("button", { name: "Join" }).click();
  await arrived(dev);
  await dev.goto(`${url}/settings`);
  await dev.getByRole("heading", { name: "Settings" }).waitFor();

  await ada.goto(`${url}/people`);
  await ada.getByRole("link", { name: "Dev", exact: true }).click();
  await ada
    .getByRole("dialog")
    .getByRole("button", { name: /Remove/ })
    .click();
  await ada.getByLabel("to confirm").fill("dev@example.com");
  await ada
    .getByRole("dialog")
    .getByRole("button", { name: /^Remove/ })
    .last()
    .click();
  await dev.waitForURL(/\/sign-in$/);
});

test("a machine that shows a code is signed in by its person, who signs in on the way, and signed out on their page", async () => {
  const { url, welcome } = await served();
  const page = await (await browser()).newPage();
  await claim(page, welcome);
  await signOut(page);
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  };
  const asked = await post("/api/identity/devices", { name: "ada@<laptop>" });

  await page.goto(`${url}/device?code=${asked.userCode}`);
  await enter(page);
  await page.getByText(asked.userCode).waitFor();
  await page.getByText("ada@<laptop>").waitFor();
  await page.getByLabel("only read").check();
  await page.getByRole("button", { name: "Sign it in" }).click();
  await page.getByRole("heading", { name: "Signed in" }).waitFor();
  const login = await post("/api/identity/devices/token", { deviceCode: asked.deviceCode });
  expect(login).toMatchObject({ state: "granted", scopes: ["*:read"] });

  // A code that was typed wrongly says so, and the form is there for another one.
  await page.goto(`${url}/device`);
  await page.getByLabel("Code").fill("BCDF-GHJK");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("alert").getByText("No machine waits under BCDF-GHJK").waitFor();

  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "Sign out ada@<laptop>" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByText("No machine acts as you here.").waitFor();
  const status = async () =>
    (await fetch(`${url}/api/identity/me`, { headers: { authorization: `Bearer ${login.key}` } })).status;
  await expect.poll(status).toBe(401);
});
