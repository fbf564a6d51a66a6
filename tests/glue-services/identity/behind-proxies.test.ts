import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { freePort } from "../postgres-server.ts";
import { caddy, stackProxy, temporaryFolder } from "../stack-proxy.ts";
import { firstAdministrator, origin, type Platform, platform, strong, Visitor } from "./platform.ts";

const proxy = "172.18.0.5";
const [ada, stranger] = ["203.0.113.5", "198.51.100.66"];

/** Somebody whose requests come by the stack's proxy, which is in another container. */
function by(visitor: Visitor, client: string): Visitor {
  visitor.address = proxy;
  const send = visitor.send.bind(visitor);
  visitor.send = (method, url, body, headers = {}) =>
    send(method, url, body, { "x-forwarded-for": client, "x-forwarded-proto": "http", ...headers });
  return visitor;
}

const signIn = (who: Visitor, password: string) =>
  who.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password });

describe("behind a proxy with an address of its own", () => {
  test("a stranger who guesses keys and passwords refuses nobody but themselves", async () => {
    const on = await platform({}, [], { proxies: { nearest: [proxy] } });
    const session = await firstAdministrator(on);
    by(session, ada);
    const { key } = (await session.send("POST", "/api/identity/keys", { name: "k", scopes: ["*"] })).json();
    const guesser = by(new Visitor(on.app), stranger);
    const guessed = [];
    for (let at = 0; at < 35; at++) {
      guessed.push(
        (await guesser.send("GET", "/api/identity/me", undefined, { authorization: `Bearer x${at}` })).statusCode,
      );
    }
    expect([guessed[0], guessed.at(-1)]).toEqual([401, 429]);
    const other = by(new Visitor(on.app), ada);
    const authorization = `Bearer ${key}`;
    expect((await other.send("GET", "/api/identity/people", undefined, { authorization })).statusCode).toBe(200);
    expect((await session.send("GET", "/api/identity/me")).statusCode).toBe(200);
    // Nor behind the very same address.
    const same = by(new Visitor(on.app), stranger);
    expect((await same.send("GET", "/api/identity/people", undefined, { authorization })).statusCode).toBe(200);

    await signIn(by(new Visitor(on.app), ada), strong);
    const { rows } = await on.owner.query(`select ip from identity.audit where action = 'session.begun' order by id`);
    expect(rows.at(-1)).toEqual({ ip: ada });
    const sessions = await on.owner.query(`select "ipAddress" from identity.session order by "createdAt"`);
    expect(sessions.rows.at(-1)).toEqual({ ipAddress: ada });
  });
});

describe("through a real Caddy, with another one before it", () => {
  test("the audit log says the client's address as far as the proxies that are trusted say it, and no further", async () => {
    const outerAt = "127.0.0.2";
    const trusted = { nearest: ["127.0.0.1"], outer: [outerAt] };
    const on = await platform({}, [], { proxies: trusted });
    await firstAdministrator(on);
    await on.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = on.app.server.address() as AddressInfo;
    const inner = await stackProxy(port, [outerAt]);
    const outer = await outerProxy(inner, outerAt);

    // The client reaches the outer proxy, which says whom it sees: what the client claims is not handed on.
    expect(await addressOf(on, outer, "127.0.0.9", "1.2.3.4")).toBe("127.0.0.9");
    // Whoever reaches the stack's own proxy directly is who they are.
    expect(await addressOf(on, inner, "127.0.0.8", "1.2.3.4")).toBe("127.0.0.8");
    // And nobody is believed who is no proxy of the stack, though on the same machine.
    expect(await addressOf(on, port, "127.0.0.7", "1.2.3.4")).toBe("127.0.0.7");

    // Without the setting the outer proxy is a client as any other.
    const untrusting = await stackProxy(port, []);
    expect(await addressOf(on, await outerProxy(untrusting, outerAt), "127.0.0.9", "1.2.3.4")).toBe(outerAt);
  });
});

/** Signs in from an address of this machine, and answers what the audit log says of it. */
async function addressOf(on: Platform, port: number, from: string, claimed: string): Promise<string> {
  const body = JSON.stringify({ email: "ada@example.com", password: strong });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asking = request(
      {
        ...{ host: "127.0.0.1", port, localAddress: from, method: "POST", path: "/api/auth/sign-in/email" },
        headers: {
          host: new URL(origin).host,
          origin,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "x-forwarded-for": claimed,
        },
      },
      (answer) => {
        answer.resume();
        answer.once("end", () => resolve(answer.statusCode));
      },
    );
    asking.once("error", reject);
    asking.end(body);
  });
  expect(status).toBe(200);
  const { rows } = await on.owner.query(
    `select ip from identity.audit where action = 'session.begun' order by id desc limit 1`,
  );
  return rows[0].ip;
}

/** A proxy of somebody else's, which connects from an address of its own. */
async function outerProxy(to: number, localAddress: string): Promise<number> {
  const port = await freePort();
  const folder = await temporaryFolder();
  const site = `{
	admin off
	auto_https off
	persist_config off
	storage file_system "${folder}"
}
http://:${port} {
	bind 127.0.0.1
	respond /healthz 200
	reverse_proxy 127.0.0.1:${to} {
		transport http {
			local_address ${localAddress}
		}
	}
}
`;
  await caddy(folder, site, `http://127.0.0.1:${port}/healthz`);
  return port;
}
