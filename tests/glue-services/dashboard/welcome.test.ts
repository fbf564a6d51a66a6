import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { browser, complaints, home } from "./browser.ts";
import { lookAt } from "./looks.ts";
import { served } from "./platform.ts";

const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

test("the welcome form knows what was asked already, judges each field where it stands, and asks the platform nothing while one types", async () => {
  const { url, welcome } = await served({ first: { organisation: "Müller & Söhne", email: "zoe@example.com" } });
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await mkdir(pictures, { recursive: true });
  const sent: string[] = [];
  page.on("request", (request) => request.method() !== "GET" && sent.push(new URL(request.url()).pathname));
  await page.goto(welcome);
  await expect.poll(() => page.getByLabel("Organisation").inputValue()).toBe("Müller & Söhne");
  expect(await page.getByLabel("E-mail address").inputValue()).toBe("zoe@example.com");
  wrong.push(...(await lookAt(page, "welcome", pictures)));

  // By keyboard alone, and back over the field that once sent a request when it was left.
  await page.getByLabel("Your name").focus();
  for (const typed of ["Zoe", "", "", "", ""]) {
    await page.keyboard.type(typed);
    await page.keyboard.press("Tab");
  }
  await page.getByLabel("Organisation").fill("Example Ltd");
  await page.getByLabel("Your name").focus();
  expect(await page.locator("#problem").isHidden()).toBe(true);
  expect(sent).toEqual(["/api/identity/link"]);

  await page.getByLabel("E-mail address").fill("zoe(at)example");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("This is not an e-mail address").waitFor();
  await page.getByText("That is 5; it needs 12 characters.").waitFor();
  expect(await page.evaluate("document.activeElement.id")).toBe("email");
  wrong.push(...(await lookAt(page, "welcome-wrong", pictures)));
  await page.getByLabel("E-mail address").fill("zoe@example.com");
  expect(await page.getByText("This is not an e-mail address").isHidden()).toBe(true);
  await page.getByLabel("Password").fill("copper lantern drifts quietly 42");
  await page.getByRole("button", { name: "Show the characters" }).click();
  expect(await page.getByLabel("Password").getAttribute("type")).toBe("text");
  await page.keyboard.press("Enter");
  expect(await page.getByLabel("Password").getAttribute("type")).toBe("password");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(url + home);

  // A link that is used up says so before anything is typed.
  const late = await page.context().newPage();
  await late.goto(welcome);
  await late.getByText("This link does not work: it was used already, or it is too old.").waitFor();
  expect(await late.getByRole("button", { name: "Create account" }).isHidden()).toBe(true);
  expect(await late.locator("#problem code").textContent()).toBe("./devflow users");
  expect(await late.locator("#problem").textContent()).not.toContain("`");
  wrong.push(...(await lookAt(late, "welcome-used", pictures)));
  await late.getByRole("link", { name: "Sign in" }).click();
  await late.waitForURL(({ pathname }) => pathname === "/sign-in" || pathname.startsWith("/o/"));
  await late.goto(`${url}/join`);
  await late.getByText("This link does not work").waitFor();
  expect(wrong).toEqual([]);
});
