import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";
import { firstAdministrator } from "./identity/platform.ts";
import { everyService } from "./isolation/every-service.ts";

/** More of them, and others, by FUZZ_REQUESTS and FUZZ_SEED. */
const requests = Number(process.env.FUZZ_REQUESTS ?? 3000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

test("no request to any service, however spoiled, makes the host say that it made a mistake", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "fuzz", scopes: ["*"] })).json();
  const { findings, reached } = await fuzz(on.app, {
    headers: { authorization: `Bearer ${key}` },
    seed,
    requests,
    // It opens a stream that never ends.
    without: /\/api\/live/,
  });
  expect(findings.map(({ request, status, answer }) => `${status} ${request} -> ${answer}`)).toEqual([]);
  // Many get past the checks of their route, so that what is behind these is tried too.
  expect(reached.size).toBeGreaterThan(20);
  expect((await on.app.inject("/healthz")).statusCode).toBe(200);
}, 600_000);

test("the description of the interface is valid OpenAPI 3.1, and every operation says how it fails", async () => {
  const on = await everyService();
  const document = (await on.app.inject("/api/openapi.json")).json();
  expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  const operations = Object.entries(document.paths as Record<string, Record<string, { responses: object }>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({ name: `${method} ${path}`, responses })),
  );
  expect(operations.length).toBeGreaterThan(100);
  const silent = operations.filter(({ responses }) => !JSON.stringify(responses).includes("ErrorAnswer"));
  expect(silent.map(({ name }) => name)).toEqual([]);
  const text = JSON.stringify(document);
  for (const list of text.matchAll(/"items":(.)/g)) expect(list[1]).not.toBe("[");
});
