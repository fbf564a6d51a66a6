import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Service } from "../../../glue-services/kit/index.ts";
import { browser } from "../dashboard/browser.ts";
import { clientSecret, freePort, startGitea } from "./gitea.ts";
import { platform, strong } from "./platform.ts";

test("one sign-in serves the platform and Gitea, sign-out too, and both end when a person is removed", async () => {
  const [port, codePort] = [await freePort(), await freePort()];
  const publicUrl = `http://localhost:${port}`;
  const gitea = await startGitea(codePort, publicUrl);
  const on = await platform(
    {
      publicUrl,
      clients: [
        {
          id: "code",
          name: "Git hosting",
          secret: clientSecret,
          redirectUris: [`${gitea.publicUrl}/user/oauth2/devflow/callback`],
          postLogoutRedirectUris: [`${gitea.publicUrl}/`],
          pkce: false,
        },
      ],
      gitea,
    },
    [home],
  );
  await on.app.listen({ host: "127.0.0.1", port });

  // The first administrator comes by the link, and is in Gitea without a password of its own, as its administrator.
  const ada = await (await browser(phone)).newPage();
  await ada.goto(`${publicUrl}/welcome#${await on.link("welcome")}`);
  expect(new URL(ada.url()).hash).toBe("");
  await ada.getByLabel("Your name").fill("Ada");
  await ada.getByLabel("E-mail address").fill("ada@example.com");
  await ada.getByLabel("Password").fill(strong);
  await ada.getByLabel("Organisation").fill("Example Ltd");
  await ada.getByRole("button", { name: "Create account" }).click();
  await ada.waitForURL(`${publicUrl}/`);
  await ada.goto(`${gitea.publicUrl}/user/login`);
  expect(await whoIn(ada, gitea.publicUrl)).toBe("ada");
  expect((await ada.goto(`${gitea.publicUrl}/-/admin`))?.status()).toBe(200);

  // Somebody invited begins at Gitea: its sign-in leads through the platform's and back.
  const invitation = await ada.request.post(`${publicUrl}/api/identity/invitations`, {
    headers: { origin: publicUrl },
    data: { email: "dev@example.com", roles: ["developer"] },
  });
  const { link } = await invitation.json();
  const dev = await (await browser(phone)).newPage();
  await dev.goto(link);
  await dev.getByLabel("Your name").fill("Dev");
  await dev.getByLabel("Password").fill(strong);
  await dev.getByRole("button", { name: "Join" }).click();
  await dev.waitForURL(`${publicUrl}/`);
  await dev.context().clearCookies();
  await dev.goto(`${gitea.publicUrl}/user/login`);
  await dev.waitForURL(/localhost:\d+\/sign-in\?/);
  await dev.getByLabel("E-mail address").fill("dev@example.com");
  await dev.getByLabel("Password").fill(strong);
  await dev.getByRole("button", { name: "Sign in" }).click();
  await dev.waitForURL(new RegExp(`^${gitea.publicUrl}`));
  expect(await whoIn(dev, gitea.publicUrl)).toBe("dev");
  expect((await dev.goto(`${gitea.publicUrl}/-/admin`))?.status()).toBe(403);
  expect((await dev.request.get(`${publicUrl}/api/identity/me`)).status()).toBe(200);

  // Signing out at the platform passes through Gitea and ends both.
  const out = await ada.request.post(`${publicUrl}/api/identity/sign-out`, { headers: { origin: publicUrl } });
  const { next } = await out.json();
  expect(next).toBe(`${gitea.publicUrl}/user/logout`);
  await ada.goto(next);
  await ada.waitForURL(`${publicUrl}/sign-in`);
  await ada.goto(`${gitea.publicUrl}/user/settings`);
  await ada.waitForURL(/localhost:\d+\/sign-in\?/);
  await ada.getByLabel("E-mail address").fill("ada@example.com");
  await ada.getByLabel("Password").fill(strong);
  await ada.getByRole("button", { name: "Sign in" }).click();
  await ada.waitForURL(new RegExp(`^${gitea.publicUrl}`));

  // A token that the person made in Gitea, then removal: page, token and Git are closed, here and there.
  const token = await giteaToken(gitea, "dev");
  const byToken = () => fetch(`${gitea.url}/api/v1/user`, { headers: { authorization: `token ${token}` } });
  expect((await byToken()).status).toBe(200);
  const people = await (await ada.request.get(`${publicUrl}/api/identity/people`)).json();
  const { id } = people.find(({ username }: { username: string }) => username === "dev");
  const removed = await ada.request.delete(`${publicUrl}/api/identity/people/${id}`, {
    headers: { origin: publicUrl },
  });
  expect(removed.status()).toBe(204);
  await expect.poll(async () => (await byToken()).status, { interval: 50 }).toBeGreaterThanOrEqual(401);
  await expect
    .poll(async () => (await dev.request.get(`${publicUrl}/api/identity/me`)).status(), { interval: 50 })
    .toBe(401);
  await dev.goto(`${gitea.publicUrl}/user/settings`);
  expect(await dev.locator("input[name=name]").count()).toBe(0);
  expect(await dev.locator("body").innerText()).toMatch(/prohibit/i);
});

/** Stands for the platform's first page. */
const phone = { viewport: { width: 390, height: 800 } };

const home: Service = {
  name: "home",
  register(app) {
    app.get("/", { auth: "public" }, async (_request, reply) =>
      reply.type("text/html").send("<title>Platform</title>"),
    );
  },
};

/** The name Gitea shows for whoever is signed in. */
async function whoIn(page: Page, gitea: string): Promise<string> {
  await page.goto(`${gitea}/user/settings`);
  return page.locator("input[name=name]").inputValue();
}

async function giteaToken(gitea: { url: string; user: string; password: string }, login: string): Promise<string> {
  const answer = await fetch(`${gitea.url}/api/v1/users/${login}/tokens`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "laptop", scopes: ["all"] }),
  });
  const { sha1 } = (await answer.json()) as { sha1: string };
  return sha1;
}
