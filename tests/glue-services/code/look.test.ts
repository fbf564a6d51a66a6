import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { look } from "../../../components/code/look.ts";
import type { Service } from "../../../glue-services/kit/index.ts";
import { browser } from "../dashboard/browser.ts";
import { clientSecret, freePort, startGitea } from "../identity/gitea.ts";
import { platform, strong } from "../identity/platform.ts";

const run = promisify(execFile);

test("in a Gitea without a frontend a person creates, pushes, reports, merges and sets, by pages that work and do not complain", async () => {
  const { gitea, page, wrong, publicUrl, token } = await signedIn();
  const at = (path: string) => page.goto(gitea.publicUrl + path);

  // A repository, and a push by git.
  await at("/repo/create");
  await page.getByLabel("Repository Name").fill("ferry");
  await page.getByRole("button", { name: "Create Repository" }).click();
  await page.waitForURL("**/ada/ferry");
  expect(await page.locator("pre .js-clone-url").first().innerText()).toBe(`${gitea.publicUrl}/ada/ferry.git`);
  await push(gitea.publicUrl, token);
  await at("/ada/ferry");
  expect(await page.getByRole("link", { name: "DevFlow" }).getAttribute("href")).toBe(publicUrl);
  await page.locator(".branch-selector-dropdown").click();
  await page.locator(".branch-selector-dropdown a.item", { hasText: "work" }).waitFor();
  await page.keyboard.press("Escape");
  expect(await page.locator(".dropdown.open").count()).toBe(0);
  const menu = page.locator(".navbar-right .dropdown").last();
  await menu.focus();
  await page.keyboard.press("Enter");
  await menu.getByRole("link", { name: "Settings", exact: true }).waitFor();

  // An issue with a preview, and a comment; what Gitea refuses is shown in place.
  await at("/ada/ferry/issues/new");
  await page.locator("#issue_title").fill("It leaks");
  await page.locator("textarea[name=content]").fill("It **leaks**.");
  await page.getByText("Preview", { exact: true }).click();
  await page.locator(".markup strong", { hasText: "leaks" }).waitFor();
  await page.getByRole("button", { name: "Create Issue" }).click();
  await page.waitForURL("**/ada/ferry/issues/1");
  await page.locator("#comment-form textarea").fill("By the pump.");
  await page.getByRole("button", { name: "Comment", exact: true }).click();
  await page.locator(".comment-body", { hasText: "By the pump." }).waitFor();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.locator("#issue-title-editor input").fill("It leaks much");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByRole("heading", { name: "It leaks much" }).waitFor();

  // A pull request, its differences, and the merge in the chosen style.
  await at("/ada/ferry/compare/main...work");
  await page.locator(".pullrequest-form-toggle a").click();
  await page.getByRole("button", { name: "Create Pull Request" }).click();
  await page.waitForURL("**/ada/ferry/pulls/2");
  await page.getByLabel("Merge style").waitFor();
  await at("/ada/ferry/pulls/2/files");
  expect(await page.locator(".add-code .code-inner").innerText()).toContain("louder");
  expect(await page.locator(".add-code").evaluate((row) => getComputedStyle(row).backgroundColor)).toBe(
    "rgb(227, 244, 232)",
  );
  await at("/ada/ferry/pulls/2");
  await page.getByLabel("Merge style").selectOption("squash");
  await page.getByRole("button", { name: "Create squash commit" }).click();
  await page.locator(".purple.label", { hasText: "Merged" }).waitFor();

  // A token, shown once and deleted after a question; a setting.
  await at("/user/settings/applications");
  await page.locator("summary", { hasText: "Generate New Token" }).click();
  await page.getByLabel("Token Name").fill("laptop");
  await page.locator('input[value="write:repository"]').check();
  await page.getByRole("button", { name: "Generate Token" }).click();
  await page.getByText(/^\s*[0-9a-f]{40}\s*$/).waitFor();
  await page.getByRole("button", { name: "Delete" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Yes" }).click();
  // The page that showed the token had such a message too: only the next page is without the token.
  await page.getByText(/^\s*[0-9a-f]{40}\s*$/).waitFor({ state: "detached" });
  await page.locator(".positive.message").waitFor();
  await page.waitForLoadState();
  await at("/ada/ferry/settings");
  await page.locator("form [name=description]").first().fill("Crosses the river");
  await page.getByRole("button", { name: "Update Settings" }).first().click();
  await page.locator(".positive.message").waitFor();

  // No page is wider than a phone.
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ["/", "/ada/ferry", "/ada/ferry/issues/1", "/ada/ferry/pulls/2/files", "/repo/create"]) {
    await at(path);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(over, path).toBeLessThanOrEqual(0);
  }
  expect(wrong).toEqual([]);
});

test("a customised Gitea asks for nothing of ours where a built frontend has names of its own", () => {
  const files = look("https://example.com/?a=1&b=2");
  expect(files["templates/custom/extra_links.tmpl"]).toContain('href="https://example.com/?a=1&amp;b=2"');
  const scripts = Object.keys(files).filter((path) => path.endsWith(".js"));
  const imported = scripts.flatMap((path) => [...(files[path] ?? "").matchAll(/from "\.\/([\w-]+\.js)"/g)]);
  for (const [, name] of imported) expect(scripts).toContain(`public/assets/js/${name}`);
  // Themes of the official release are found by their files' names: a file of ours would be one of them.
  expect(Object.keys(files).filter((path) => /theme-|\/index\.css$/.test(path))).toEqual([]);
});

/** The first person of a platform, in Gitea by its sign-on, and a token of theirs. */
async function signedIn() {
  const [port, codePort] = [await freePort(), await freePort()];
  const publicUrl = `http://localhost:${port}`;
  const gitea = await startGitea(codePort, publicUrl);
  const callback = `${gitea.publicUrl}/user/oauth2/devflow/callback`;
  const hosting = {
    id: "code",
    name: "Git hosting",
    secret: clientSecret,
    redirectUris: [callback],
    postLogoutRedirectUris: [`${gitea.publicUrl}/`],
    pkce: false,
  };
  const on = await platform({ publicUrl, clients: [hosting], gitea }, [home]);
  await on.app.listen({ host: "127.0.0.1", port });
  const page = await (await browser()).newPage();
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${publicUrl}/welcome#${await on.link("welcome")}`);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill(strong);
  await page.getByLabel("Organisation").fill("Example Ltd");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(`${publicUrl}/`);
  const wrong: string[] = [];
  page.on("console", (message) => {
    // The stand-in for the platform has no icon; every page of Gitea is judged.
    if (message.type() !== "error" || !page.url().startsWith(gitea.publicUrl)) return;
    wrong.push(`${page.url()}: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.stack}`));
  await page.goto(`${gitea.publicUrl}/user/login?redirect_to=%2Frepo%2Fcreate`);
  expect(page.url()).toBe(`${gitea.publicUrl}/repo/create`);
  const answer = await fetch(`${gitea.url}/api/v1/users/ada/tokens`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "git", scopes: ["write:repository"] }),
  });
  const { sha1 } = (await answer.json()) as { sha1: string };
  return { gitea, page, wrong, publicUrl, token: sha1 };
}

/** Stands for the platform's first page. */
const home: Service = {
  name: "home",
  register(app) {
    app.get("/", { auth: "public" }, async (_request, reply) =>
      reply.type("text/html").send("<title>Platform</title>"),
    );
  },
};

async function push(hosting: string, token: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-ferry-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const address = hosting.replace("://", `://ada:${token}@`);
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  const git = (...args: string[]) => run("git", [...who, ...args], { cwd: folder });
  await git("init", "--quiet", "--initial-branch", "main");
  await mkdir(join(folder, "src"));
  await writeFile(join(folder, "README.md"), `# Ferry\n\n${randomUUID()}\n`);
  await writeFile(join(folder, "src/horn.ts"), "export const horn = 1;\n");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "Begin");
  await git("push", "--quiet", `${address}/ada/ferry.git`, "main");
  await git("checkout", "--quiet", "-b", "work");
  await writeFile(join(folder, "src/horn.ts"), "export const horn = 1;\nexport const louder = 2;\n");
  await git("commit", "--quiet", "--all", "--message", "Sound louder");
  await git("push", "--quiet", `${address}/ada/ferry.git`, "work");
}
