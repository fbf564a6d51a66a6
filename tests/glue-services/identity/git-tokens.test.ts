import { randomBytes } from "node:crypto";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort, type Gitea, startGitea } from "./gitea.ts";
import { firstAdministrator, invited, platform, type Visitor } from "./platform.ts";

test.each([
  ["removed", "invited again", removedAndInvited],
  ["disabled", "enabled again", disabledAndEnabled],
] as const)(
  "whoever is %s and %s before Git hosting hears of it keeps no token for git",
  async (_was, _then, change) => {
    const gitea = await startGitea(await freePort(), "http://localhost:1");
    const door = await heldDoor(gitea.url);
    const on = await platform({ gitea: { ...gitea, url: door.url } });
    const ada = await firstAdministrator(on);
    await invited(on, ada, "dev@example.com", ["developer"]);
    const id = await idOf(ada);
    const password = randomBytes(18).toString("hex");
    const admin = `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`;
    await api(gitea, admin, "POST", "/admin/users", {
      ...{ username: "dev", login_name: id, source_id: 1, email: "dev@example.com" },
      ...{ password, must_change_password: false },
    });
    const made = await api(gitea, admin, "POST", "/users/dev/tokens", { name: "laptop", scopes: ["all"] });
    const byToken = async () =>
      (await fetch(`${gitea.url}/api/v1/user`, { headers: { authorization: `token ${made.sha1}` } })).status;
    expect(await byToken()).toBe(200);

    // What Git hosting is told waits behind an earlier change, until both have happened.
    door.shut();
    expect((await ada.send("PATCH", `/api/identity/people/${id}`, { roles: ["viewer"] })).statusCode).toBe(200);
    await door.waited();
    await change(ada, id, on);
    expect(await byToken()).toBe(200);
    door.open();
    await expect.poll(byToken).toBe(401);
    // And is let in: a token that is made now works.
    await expect
      .poll(async () => (await api(gitea, admin, "GET", "/users/dev")).prohibit_login, { interval: 50 })
      .toBe(false);
  },
);

async function idOf(ada: Visitor): Promise<string> {
  const people = (await ada.send("GET", "/api/identity/people")).json() as { id: string; email: string }[];
  return String(people.find(({ email }) => email === "dev@example.com")?.id);
}

async function removedAndInvited(ada: Visitor, id: string, on: Parameters<typeof invited>[0]): Promise<void> {
  expect((await ada.send("DELETE", `/api/identity/people/${id}`)).statusCode).toBe(204);
  await invited(on, ada, "dev@example.com", ["developer"]);
  expect(await idOf(ada)).toBe(id);
}

async function disabledAndEnabled(ada: Visitor, id: string): Promise<void> {
  for (const disabled of [true, false]) {
    const answer = await ada.send("PUT", `/api/identity/people/${id}/disabled`, { disabled });
    expect(answer.statusCode).toBe(200);
  }
}

/** A way to a server that can be shut: what comes then waits until it is opened, and `waited` tells that something does. */
async function heldDoor(to: string): Promise<{ url: string; shut(): void; waited(): Promise<void>; open(): void }> {
  let way = Promise.withResolvers<void>();
  way.resolve();
  let came = Promise.withResolvers<void>();
  const server = createServer(async (incoming, answer) => {
    came.resolve();
    await way.promise;
    const { method, url, headers } = incoming;
    const outgoing = request(`${to}${url}`, { method, headers }, (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers);
      said.pipe(answer);
    });
    outgoing.once("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    way.resolve();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut: () => {
      way = Promise.withResolvers<void>();
      came = Promise.withResolvers<void>();
    },
    waited: () => came.promise,
    open: () => way.resolve(),
  };
}

async function api(gitea: Gitea, authorization: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${gitea.url}/api/v1${path}`, {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
