import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { attemptLimits } from "../../../glue-services/identity/attempts.ts";
import { endpoints } from "../../../glue-services/identity/endpoints.ts";
import { mostConnections } from "../../../glue-services/kit/live/room.ts";
import { defaultRateLimits } from "../../../glue-services/kit/rate-limit.ts";

const page = (name: string) =>
  readFile(new URL(`../../../docs/${name}.md`, import.meta.url), "utf8").then((text) => text.replaceAll(/\s+/g, " "));

test("the pages about people and security name the limits of signing in that the code has", async () => {
  const { pair, address, account, minutes, knownDays } = attemptLimits;
  const { anonymous, known, failures } = defaultRateLimits;
  const { ofHolder, all } = mostConnections;
  const register = endpoints.find(({ path }) => path === "/oauth2/register")?.rate;
  const security = await page("security-model");
  for (const said of [
    `one account from one address | ${pair} | ${minutes} minutes |`,
    `with any accounts | ${address} | ${minutes} minutes |`,
    `not where it got in within ${knownDays} days | ${account} | ${minutes} minutes |`,
    `that is not valid | ${failures} a minute |`,
    `with any such from one address | ${failures} a minute |`,
    `${known.toLocaleString("en")} a minute for a session or key, ${anonymous} a minute for an address`,
    `${register?.max} an hour from one address`,
    `${ofHolder} of a person on a host, and ${all.toLocaleString("en")} of all`,
  ]) {
    expect(security).toContain(said);
  }
  expect(register?.timeWindow).toBe(3_600_000);
  const people = await page("people-and-roles");
  expect(people).toContain(
    `After ${pair} wrong passwords or codes from one address an account has to wait ${minutes} minutes`,
  );
  expect(people).toContain(`signed in within ${knownDays} days`);
});
