import { describe, expect, test } from "vitest";
import type { Service } from "../../../glue-services/kit/index.ts";
import { firstAdministrator, invited, type Platform, platform, Visitor } from "./platform.ts";

const things: Service = {
  name: "things",
  register(app) {
    app.get("/api/things", { auth: { scope: "things:read" } }, async ({ identity }) => ({ person: identity.person }));
    app.post("/api/things", { auth: { scope: "things:write" } }, async ({ identity }) => ({ person: identity.person }));
  },
};

interface Asked {
  deviceCode: string;
  userCode: string;
  verificationUriComplete: string;
}

async function ask(on: Platform, name = "ada@laptop"): Promise<Asked> {
  const answer = await new Visitor(on.app).send("POST", "/api/identity/devices", { name });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

async function poll(on: Platform, { deviceCode }: Asked) {
  return (await new Visitor(on.app).send("POST", "/api/identity/devices/token", { deviceCode })).json();
}

/** As if the pause that the device was told had gone by. */
async function later(on: Platform): Promise<void> {
  await on.owner.query("update identity.device_login set polled_at = polled_at - interval '1 hour'");
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function signedIn(on: Platform, by: Visitor, more: object = {}) {
  const asked = await ask(on);
  const decided = await by.send("POST", "/api/identity/devices/decision", {
    ...{ userCode: asked.userCode, accept: true },
    ...more,
  });
  expect(decided.json()).toEqual({ name: "ada@laptop" });
  return poll(on, asked);
}

describe("a machine that asks to be signed in", () => {
  test("waits, is told to slow down, and gets a personal key once its person agreed", async () => {
    const on = await platform({}, [things]);
    const ada = await firstAdministrator(on);
    const asked = await ask(on);
    expect(asked.userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(asked.verificationUriComplete).toBe(`http://localhost:4400/device?code=${asked.userCode}`);
    expect(await poll(on, asked)).toEqual({ state: "pending", interval: 2 });
    expect(await poll(on, asked)).toEqual({ state: "slow_down", interval: 7 });
    await later(on);
    expect(await poll(on, asked)).toEqual({ state: "pending", interval: 7 });

    // As people type it.
    const typed = asked.userCode.toLowerCase().replace("-", " ");
    await ada.send("POST", "/api/identity/devices/decision", { userCode: typed, accept: true });
    const login = await poll(on, asked);
    const me = (await ada.send("GET", "/api/identity/me")).json();
    expect(login).toMatchObject({
      state: "granted",
      scopes: ["*"],
      person: { id: me.person, email: "ada@example.com" },
      organisation: { id: me.organisation, name: "Example Ltd" },
    });
    expect(await poll(on, asked)).toEqual({ state: "expired" });

    const key = bearer(login.key);
    const program = new Visitor(on.app);
    expect((await program.send("GET", "/api/things", undefined, key)).json()).toEqual({ person: me.person });
    expect((await program.send("GET", "/api/identity/me", undefined, key)).json()).toMatchObject({ person: me.person });
    const audit = (await ada.send("GET", "/api/platform/audit")).json();
    expect(JSON.stringify(audit)).toContain("device.agreed");
    expect(JSON.stringify(audit)).toContain("key.made");
    expect(JSON.stringify(audit)).not.toContain(login.key);
  });

  test("gets one key for two questions at once", async () => {
    const on = await platform({}, [things]);
    const ada = await firstAdministrator(on);
    const asked = await ask(on);
    await ada.send("POST", "/api/identity/devices/decision", { userCode: asked.userCode, accept: true });
    const states = (await Promise.all(Array.from({ length: 6 }, () => poll(on, asked)))).map(({ state }) => state);
    expect(states.filter((state) => state === "granted")).toHaveLength(1);
    const { rows } = await on.owner.query("select from identity.api_key where personal");
    expect(rows).toHaveLength(1);
  });

  test("hears once that it was refused", async () => {
    const on = await platform();
    const ada = await firstAdministrator(on);
    const asked = await ask(on);
    await ada.send("POST", "/api/identity/devices/decision", { userCode: asked.userCode, accept: false });
    expect(await poll(on, asked)).toEqual({ state: "denied" });
    expect(await poll(on, asked)).toEqual({ state: "expired" });
  });

  test("is forgotten after ten minutes, and its code opens nothing", async () => {
    const on = await platform();
    const ada = await firstAdministrator(on);
    const asked = await ask(on);
    await on.owner.query("update identity.device_login set expires_at = now() - interval '1 second'");
    const answer = await ada.send("POST", "/api/identity/devices/decision", { userCode: asked.userCode, accept: true });
    expect(answer.statusCode).toBe(404);
    expect(await poll(on, asked)).toEqual({ state: "expired" });
  });

  test("is counted by its network: another address of the same IPv6 network is none of its own", async () => {
    const on = await platform();
    const from = async (address: string) => {
      const machine = new Visitor(on.app);
      machine.address = address;
      return (await machine.send("POST", "/api/identity/devices", { name: "x" })).statusCode;
    };
    for (let at = 0; at < 20; at += 1) expect(await from(`2001:db8:1:2::${at.toString(16)}`)).toBe(201);
    expect(await from("2001:db8:1:2:ffff:1:2:3")).toBe(429);
    expect(await from("2001:db8:1:3::1")).toBe(201);
    for (let at = 0; at < 20; at += 1) expect(await from(at % 2 ? "198.51.100.9" : "::ffff:198.51.100.9")).toBe(201);
    expect(await from("198.51.100.9")).toBe(429);
  });

  test("is let in when a host of the former version asks for it, while hosts are replaced one by one", async () => {
    const on = await platform();
    const { rowCount } = await on.owner.query(
      `insert into identity.device_login (hash, user_code, name, address, expires_at, pause)
       values ('\\x01', 'BCDF-GHJK', 'former', '127.0.0.1', now() + interval '10 minutes', 5)`,
    );
    expect(rowCount).toBe(1);
  });

  test("is one of twenty of its address at most, and old ones make room", async () => {
    const on = await platform();
    for (let count = 0; count < 20; count += 1) await ask(on);
    const more = () => new Visitor(on.app).send("POST", "/api/identity/devices", { name: "one more" });
    expect((await more()).statusCode).toBe(429);
    const elsewhere = new Visitor(on.app);
    elsewhere.address = "198.51.100.7";
    expect((await elsewhere.send("POST", "/api/identity/devices", { name: "x" })).statusCode).toBe(201);
    await on.owner.query("update identity.device_login set expires_at = now() - interval '1 second'");
    expect((await more()).statusCode).toBe(201);
  });

  test.each([
    ["nothing", ""],
    ["blanks", " "],
    ["two lines", "a\nb"],
    ["a null character", "a\u0000b"],
    ["text that turns what follows around", "\u202eevil"],
    ["more than a line", "x".repeat(101)],
  ])("cannot call itself %s", async (_what, name) => {
    const on = await platform();
    const answer = await new Visitor(on.app).send("POST", "/api/identity/devices", { name });
    expect(answer.statusCode).toBe(400);
  });
});

describe("who agrees", () => {
  test("is a person at a browser: no key, also none of theirs, and nobody from another site", async () => {
    const on = await platform({}, [things]);
    const ada = await firstAdministrator(on);
    const { key } = await signedIn(on, ada);
    const asked = await ask(on);
    const decision = { userCode: asked.userCode, accept: true };
    const url = "/api/identity/devices/decision";
    const nobody = new Visitor(on.app);
    expect((await nobody.send("POST", url, decision)).statusCode).toBe(401);
    expect((await nobody.send("POST", url, decision, bearer(key))).statusCode).toBe(403);
    const elsewhere = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await ada.send("POST", url, decision, elsewhere)).statusCode).toBe(403);
    expect(await poll(on, asked)).toMatchObject({ state: "pending" });
  });

  test("agrees for the organisation that the page showed", async () => {
    const on = await platform();
    const ada = await firstAdministrator(on);
    const asked = await ask(on);
    const other = "00000000-0000-7000-8000-000000000000";
    const decision = { userCode: asked.userCode, accept: true, organisation: other };
    expect((await ada.send("POST", "/api/identity/devices/decision", decision)).statusCode).toBe(409);
  });

  test("may let it read only, and it does at most what they may themselves", async () => {
    const on = await platform({}, [things]);
    const ada = await firstAdministrator(on);
    const vera = await invited(on, ada, "vera@example.com", ["viewer"]);
    const program = new Visitor(on.app);
    const read = bearer((await signedIn(on, ada, { readOnly: true })).key);
    expect((await program.send("GET", "/api/things", undefined, read)).statusCode).toBe(200);
    expect((await program.send("POST", "/api/things", {}, read)).statusCode).toBe(403);
    const viewers = bearer((await signedIn(on, vera)).key);
    expect((await program.send("GET", "/api/things", undefined, viewers)).statusCode).toBe(200);
    expect((await program.send("POST", "/api/things", {}, viewers)).statusCode).toBe(403);
  });

  test("sees the machines that act for them and nobody else's, and ends them", async () => {
    const on = await platform({}, [things]);
    const ada = await firstAdministrator(on);
    const olga = await invited(on, ada, "olga@example.com", ["owner"]);
    const login = await signedIn(on, ada);
    const list = "/api/identity/me/keys";
    const program = new Visitor(on.app);
    expect((await ada.send("GET", list)).json()).toMatchObject([{ id: login.id, name: "ada@laptop", current: false }]);
    expect((await program.send("GET", list, undefined, bearer(login.key))).json()).toMatchObject([{ current: true }]);
    expect((await olga.send("GET", list)).json()).toEqual([]);
    expect((await olga.send("DELETE", `${list}/${login.id}`)).statusCode).toBe(404);
    // It signs itself out.
    expect((await program.send("DELETE", `${list}/${login.id}`, undefined, bearer(login.key))).statusCode).toBe(204);
    await expect
      .poll(async () => (await program.send("GET", "/api/things", undefined, bearer(login.key))).statusCode)
      .toBe(401);
  });

  test("who is removed before the machine asks again gives it nothing", async () => {
    const on = await platform();
    const ada = await firstAdministrator(on);
    const olga = await invited(on, ada, "olga@example.com", ["owner"]);
    const asked = await ask(on);
    await olga.send("POST", "/api/identity/devices/decision", { userCode: asked.userCode, accept: true });
    const { person } = (await olga.send("GET", "/api/identity/me")).json();
    expect((await ada.send("DELETE", `/api/identity/people/${person}`)).statusCode).toBe(204);
    expect(await poll(on, asked)).toEqual({ state: "expired" });
  });
});

describe("the page for a machine's code", () => {
  test("sends whoever is not signed in to the form, and back with the code", async () => {
    const on = await platform();
    const asked = await ask(on);
    const answer = await new Visitor(on.app).send("GET", `/device?code=${asked.userCode}`);
    expect(answer.headers.location).toBe(`/sign-in?device=${asked.userCode}`);
  });

  test("shows name, address and code, and nothing of what was typed as HTML", async () => {
    const on = await platform();
    const ada = await firstAdministrator(on);
    const asked = await ask(on, "<b>ada</b>");
    const page = (await ada.send("GET", `/device?code=${asked.userCode}`)).body;
    expect(page).toContain(asked.userCode);
    expect(page).toContain("&lt;b&gt;ada&lt;/b&gt;");
    expect(page).toContain("127.0.0.1");
    const wrong = (await ada.send("GET", "/device?code=%3Cscript%3E")).body;
    expect(wrong).toContain("No machine waits under &lt;script&gt;");
    expect((await ada.send("GET", "/device")).body).not.toContain("No machine waits");
  });
});

test("a personal key is made by its person at a browser only", async () => {
  const on = await platform({}, [things]);
  const ada = await firstAdministrator(on);
  const body = { name: "mine", scopes: ["things:read"], personal: true };
  const made = (await ada.send("POST", "/api/identity/keys", body)).json();
  const program = new Visitor(on.app);
  const { person } = (await program.send("GET", "/api/things", undefined, bearer(made.key))).json();
  expect(person).toBe((await ada.send("GET", "/api/identity/me")).json().person);
  const { key } = await signedIn(on, ada);
  expect((await program.send("POST", "/api/identity/keys", body, bearer(key))).statusCode).toBe(403);
});
