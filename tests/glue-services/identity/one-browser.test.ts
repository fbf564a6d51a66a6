import { expect, test } from "vitest";
import { type Platform, platform, strong } from "./platform.ts";

/** Cookies of one browser, which sends those of a host to every port of it (RFC 6265, 8.5). */
const jar = new Map<string, string>();

test("whoever is signed in at two stacks of one machine by one browser stays so at each, also after leaving the other", async () => {
  const stacks: { on: Platform; address: string; email: string }[] = [];
  for (const [address, email] of [
    ["http://localhost:4400", "ada@example.com"],
    ["http://localhost:4500", "bea@example.com"],
  ] as const) {
    const on = await platform({ publicUrl: address, secret: `${address} tests-only-tests-only-tests-only` });
    stacks.push({ on, address, email });
    const token = await on.link("welcome");
    const body = { token, name: "Somebody", email, password: strong, organisation: "Example Ltd" };
    expect((await send(on, address, "POST", "/api/identity/welcome", body)).statusCode).toBe(204);
  }
  const who = async () => {
    const answers = await Promise.all(stacks.map(({ on, address }) => send(on, address, "GET", "/api/identity/me")));
    return answers.map((answer) => (answer.statusCode === 200 ? answer.json().email : answer.statusCode));
  };
  expect(await who()).toEqual(["ada@example.com", "bea@example.com"]);
  const [first, second] = stacks as [(typeof stacks)[0], (typeof stacks)[0]];
  const left = await send(first.on, first.address, "POST", "/api/identity/sign-out");
  expect(left.statusCode, left.body).toBe(200);
  expect(await who()).toEqual([401, "bea@example.com"]);
  const body = { email: first.email, password: strong };
  expect((await send(first.on, first.address, "POST", "/api/auth/sign-in/email", body)).statusCode).toBe(200);
  expect(await who()).toEqual(["ada@example.com", "bea@example.com"]);
  await send(second.on, second.address, "POST", "/api/identity/sign-out");
  expect(await who()).toEqual(["ada@example.com", 401]);
});

async function send({ app }: Platform, address: string, method: "GET" | "POST", url: string, body?: object) {
  const response = await app.inject({
    ...{ method, url },
    headers: {
      ...{ host: new URL(address).host, origin: address, "sec-fetch-site": "same-origin" },
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
    },
    ...(body && { payload: body }),
  });
  for (const { name, value, maxAge } of response.cookies) {
    if (value === "" || maxAge === 0) jar.delete(name);
    else jar.set(name, encodeURIComponent(value));
  }
  return response;
}
