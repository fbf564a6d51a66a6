import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { firstAdministrator, origin } from "../identity/platform.ts";
import { type Everything, everyService } from "../isolation/every-service.ts";
import { endsSessions } from "../isolation/planting.ts";
import { fuzz } from "./fuzz.ts";
import { type Document, describedOperations, type Operation, otherOperations } from "./operations.ts";

/** More of them, and others, by FUZZ_REQUESTS and FUZZ_SEED. */
const requests = Number(process.env.FUZZ_REQUESTS ?? 2000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

test("no request to any service, however spoiled, hangs, makes the host say that it made a mistake, or is answered otherwise than described", async () => {
  const faults: string[] = [];
  const on = await everyService({ faults: (line) => void (line.includes("request failed") && faults.push(line)) });
  const document = (await on.app.inject("/api/openapi.json")).json() as Document;
  const described = describedOperations(document);
  const shared = { document, seed, callers: await callersOf(on), streams: /GET .*(\/live|\/sse|\/mcp|\/log)/ };
  const asking = (operations: readonly Operation[], share: number) =>
    fuzz(on.app, {
      ...shared,
      operations: operations.filter(({ path }) => !endsSessions.test(path)),
      requests: Math.ceil(requests * share),
    });
  // These first: once a provider of models was made below, the others would ask it.
  const protocols = await asking(otherOperations(on, described), 0.3);
  const routes = await asking(described, 0.7);
  const findings = [...protocols.findings, ...routes.findings];
  expect(findings, `FUZZ_SEED=${seed}\n${faults.join("")}`).toEqual([]);
  // Many get past the checks of their route, so that what is behind these is tried too.
  expect(protocols.reached.size + routes.reached.size).toBeGreaterThan(60);
  expect((await on.app.inject("/healthz")).statusCode).toBe(200);
}, 600_000);

/** Whoever may do all: by a key, and signed in with a browser. */
async function callersOf(on: Everything): Promise<Record<string, string>[]> {
  const ada = await firstAdministrator(on);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "fuzz", scopes: ["*"] })).json();
  const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const session = { cookie, origin, host: new URL(origin).host, "sec-fetch-site": "same-origin" };
  return [{ authorization: `Bearer ${key}` }, session];
}

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
