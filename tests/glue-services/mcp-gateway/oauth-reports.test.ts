import { expect, it } from "vitest";
import { ask, authorization, browser, initialize, platformWithSignOn, post, register, tokens } from "./oauth.ts";

// What users of other authorization servers reported in public, by the numbers of their reports.

it("two refreshes with one token in the same moment, and one whose answer was lost, have the same new tokens, and none ends the other's (HQBase/hqbase#41, better-auth/better-auth#8512, PrefectHQ/fastmcp#4901)", async () => {
  const on = await platformWithSignOn();
  const { refresh_token, client_id } = await tokens(on, { scope: "mcp:use offline_access" });
  const refresh = (value: string, more = {}) =>
    ask(on, { grant_type: "refresh_token", client_id, refresh_token: value, ...more });
  const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(refresh_token)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  const given = (await Promise.all(answers.map((one) => one.json()))) as {
    access_token: string;
    refresh_token: string;
  }[];
  expect(new Set(given.map((one) => one.refresh_token)).size).toBe(1);
  const late = await refresh(refresh_token);
  expect([late.status, await late.json()]).toMatchObject([200, { refresh_token: given[0]?.refresh_token }]);
  // For something else the former token is none, and what was given stays.
  expect((await refresh(refresh_token, { scope: "mcp:use" })).status).toBe(400);
  const next = await refresh(given[0]?.refresh_token ?? "");
  expect(next.status).toBe(200);
  const { access_token } = (await next.json()) as { access_token: string };
  const called = await post(on, "/mcp", access_token, initialize);
  await called.body?.cancel();
  expect(called.status).toBe(200);
});

it("a program on the person's computer is sent back to whatever port it listens on, and to no other host or path (better-auth/better-auth#8426, cloudflare/workers-oauth-provider#154)", async () => {
  const on = await platformWithSignOn();
  const redirects = ["http://127.0.0.1/callback", "http://localhost:1/callback", "http://[::1]:2/callback"];
  const client_id = await register(on, { redirect_uris: redirects, application_type: "native" });
  const back = async (redirect_uri: string) => {
    const address = authorization(on, client_id, { redirect_uri });
    const sent = await browser(on.url).send("GET", address);
    return { sent, agreed: () => on.ada.agree(address) };
  };
  for (const [host, port] of [
    ["127.0.0.1", 51_004],
    ["localhost", 61_023],
    ["[::1]", 33_418],
  ] as const) {
    const address = await (await back(`http://${host}:${port}/callback`)).agreed();
    expect([address.host, address.pathname, address.searchParams.has("code")]).toEqual([
      `${host}:${port}`,
      "/callback",
      true,
    ]);
  }
  for (const wrong of [
    "http://127.0.0.1:51004/other",
    "http://127.0.0.2:51004/callback",
    "https://127.0.0.1:51004/callback",
    "http://example.com:1/callback",
  ]) {
    const { sent } = await back(wrong);
    expect([wrong, sent.location.startsWith(wrong)]).toEqual([wrong, false]);
  }
});
