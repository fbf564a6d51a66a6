import { expect, test } from "vitest";
import { attemptLimits } from "../../../glue-services/identity/attempts.ts";
import { clientNetwork } from "../../../glue-services/kit/client-network.ts";
import { firstAdministrator, invited, origin, platform, strong, Visitor } from "./platform.ts";

const signIn = "/api/auth/sign-in/email";

test("a password is taken in no form that could name one account to the limits and another to the check", async () => {
  const on = await platform();
  await firstAdministrator(on);
  const right = { email: "ada@example.com", password: strong };
  const json = JSON.stringify(right);
  const bodies: [string, string][] = [
    ["application/x-www-form-urlencoded", new URLSearchParams(right).toString()],
    ["application/json", `\ufeff${json}`],
    ["text/plain", json],
    ["application/json, application/x-www-form-urlencoded", new URLSearchParams(right).toString()],
    ["application/json", `[${json}]`],
    ["application/json", "null"],
  ];
  for (const [type, payload] of bodies) {
    const headers = { "content-type": type, host: new URL(origin).host, origin };
    const answer = await on.app.inject({ method: "POST", url: signIn, headers, payload });
    expect([type, payload, [400, 415].includes(answer.statusCode)]).toEqual([type, payload, true]);
    expect(answer.cookies).toEqual([]);
  }
  expect((await new Visitor(on.app).send("POST", signIn, right)).statusCode).toBe(200);
});

test("an account named twice in one body is counted as the one that is checked", async () => {
  const on = await platform();
  await firstAdministrator(on);
  const headers = { "content-type": "application/json", host: new URL(origin).host, origin };
  const guess = (at: number) => {
    const payload = `{"email":"nobody-${at}@example.com","email":"ada@example.com","password":"a wrong guess"}`;
    return on.app.inject({ method: "POST", url: signIn, headers, payload });
  };
  for (let at = 0; at < attemptLimits.pair; at++) expect((await guess(at)).statusCode).toBe(401);
  expect((await guess(99)).statusCode).toBe(429);
});

test("who invites somebody again and again guesses at their password no more often than anybody else", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  await invited(on, ada, "victim@example.com", ["viewer"]);
  // The owner of another organisation, to whom each invitation's link is shown.
  const other = await on.owner.query<{ id: string }>(
    `insert into identity.organization (name, slug, "createdAt") values ('Other', 'other', now()) returning id`,
  );
  await invited(on, ada, "eve@example.com", ["viewer"]);
  await on.owner.query(
    `update identity.member set "organizationId" = $1, role = 'owner'
     where "userId" = (select id from identity."user" where email = 'eve@example.com')`,
    [other.rows[0]?.id],
  );
  const eve = new Visitor(on.app);
  await eve.send("POST", signIn, { email: "eve@example.com", password: strong });
  const statuses: number[] = [];
  for (let at = 0; at <= attemptLimits.account; at++) {
    const made = await eve.send("POST", "/api/identity/invitations", {
      email: "victim@example.com",
      roles: ["viewer"],
    });
    const token = (made.json() as { link: string }).link.split("#")[1];
    const guesser = new Visitor(on.app);
    guesser.address = `198.51.100.${at}`;
    const answer = await guesser.send("POST", "/api/identity/join", {
      token,
      name: "V",
      password: `guess ${at} of many`,
    });
    statuses.push(answer.statusCode);
  }
  expect(statuses).toEqual([...Array(attemptLimits.account).fill(401), 429]);
});

test("a link for a new password ends also the passkeys that somebody else may have added to the account", async () => {
  const on = await platform();
  await firstAdministrator(on);
  const { rows } = await on.owner.query<{ id: string }>(
    `insert into identity.passkey (name, "publicKey", "userId", "credentialID", counter, "deviceType", "backedUp")
     select 'theirs', 'key', id, 'credential', 0, 'singleDevice', false from identity."user" where email = 'ada@example.com'
     returning "userId" as id`,
  );
  const person = String(rows[0]?.id);
  const visitor = new Visitor(on.app);
  const body = { token: await on.link("reset", person), password: "violet engines hum at 5 past noon" };
  expect((await visitor.send("POST", "/api/identity/reset", body)).statusCode).toBe(204);
  expect((await on.owner.query("select from identity.passkey")).rowCount).toBe(0);
  const log = (await visitor.send("GET", "/api/identity/audit")).json() as { action: string; details: object }[];
  expect(log.find(({ action }) => action === "password.reset")?.details).toMatchObject({ passkeysRemoved: 1 });
});

test("all addresses of a network of IPv6 are one client to the limits", async () => {
  const on = await platform();
  await firstAdministrator(on);
  const guess = (address: string) => {
    const visitor = new Visitor(on.app);
    visitor.address = address;
    return visitor.send("POST", signIn, { email: "ada@example.com", password: "a wrong guess" });
  };
  for (let at = 1; at <= attemptLimits.pair; at++) expect((await guess(`2001:db8:1:2::${at}`)).statusCode).toBe(401);
  expect((await guess("2001:db8:1:2:aaaa:bbbb:cccc:dddd")).statusCode).toBe(429);
  expect((await guess("2001:db8:1:3::1")).statusCode).toBe(401);
});

test("a client's network is its address, of IPv6 the first 64 bits of it", () => {
  const networks: [string, string][] = [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["1:2:3:4:5:6:7::", "1:2:3:4::/64"],
  ];
  for (const [address, network] of networks) expect([address, clientNetwork(address)]).toEqual([address, network]);
});
