import { expect, test } from "vitest";
import { leaveNoRoom } from "./build.ts";
import { firstAdministrator, strong, Visitor } from "./identity/platform.ts";
import { everyService } from "./isolation/every-service.ts";
import { addressOf, bodiesOf } from "./isolation/planting.ts";

const given = { word: "planted", id: "00000000-0000-7000-8000-0000000000aa" };

/** Without a token there is nothing to look for, and values are for keys only. */
const refusedAnyway = /userinfo.*access token not found|\/secrets\/resolve.*only to API keys/;

test("while the database has no room every service says when to come back, whatever is asked, and none that it made a mistake", async () => {
  const on = await everyService({ wait: 500 });
  const ada = await firstAdministrator(on);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "k", scopes: ["*"] })).json() as {
    key: string;
  };
  await leaveNoRoom(on);
  const asked = on.routes
    // Streams have no end, and `/v1/*` is nothing at all.
    .filter(({ url }) => !/\/live|\/sse|^\/v1\/(\*|batches|files)/.test(url))
    .map((route) => ({
      ...route,
      url: addressOf(route, given),
      body: bodiesOf(route, given)[0] as object | undefined,
    }));
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const answers = await Promise.all(
    [
      ...asked.flatMap(({ method, url, body }) => [
        { name: `${method} ${url}`, answer: ada.send(method, url, body) },
        {
          name: `${method} ${url} by key`,
          answer: new Visitor(on.app).send(method, url, body, { authorization: `Bearer ${key}` }),
        },
      ]),
      {
        name: "sign in",
        answer: new Visitor(on.app).send("POST", "/api/auth/sign-in/email", {
          email: "ada@example.com",
          password: strong,
        }),
      },
      {
        name: "token",
        answer: on.app.inject({
          method: "POST",
          url: "/api/auth/oauth2/token",
          headers: form,
          payload: "grant_type=authorization_code&code=abc&client_id=x&redirect_uri=https%3A%2F%2Fx.example%2F",
        }),
      },
      {
        name: "authorize",
        answer: ada.send(
          "GET",
          "/api/auth/oauth2/authorize?client_id=x&response_type=code&redirect_uri=https%3A%2F%2Fx.example%2F&scope=openid&state=s",
        ),
      },
    ].map(async ({ name, answer }) => ({ name, answer: await answer })),
  );
  const wrong = answers.filter(
    ({ name, answer }) =>
      answer.statusCode === 500 ||
      // Nobody is told that they are nobody, or may not, because nobody could look.
      ([401, 403].includes(answer.statusCode) && !refusedAnyway.test(`${name} ${answer.body}`)) ||
      (answer.statusCode === 503 &&
        /database cannot be reached/.test(answer.body) &&
        answer.headers["retry-after"] === undefined),
  );
  expect(wrong.map(({ name, answer }) => `${name} ${answer.statusCode} ${answer.body.slice(0, 200)}`)).toEqual([]);
  expect(answers.filter(({ answer }) => answer.statusCode === 503).length).toBeGreaterThan(asked.length);
}, 120_000);
