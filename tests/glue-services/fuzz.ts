import type { App } from "../../glue-services/kit/index.ts";
import { seeded } from "../seeded.ts";
import { value } from "./isolation/from-schema.ts";

interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; schema?: object }[];
  body: object | undefined;
}

export interface Finding {
  request: string;
  status: number;
  answer: string;
}

export interface FuzzOptions {
  headers: Record<string, string>;
  seed: number;
  /** Requests to send. */
  requests: number;
  /** Operations to leave out, by `METHOD /path`. */
  without?: RegExp;
}

/** Milliseconds after which an answer is taken for a stream, which may be open for as long as it wants. */
const patience = 10_000;

/** Values that no sensible client sends. Each is legal JSON, or text that is put where JSON should be. */
const hostile: readonly unknown[] = [
  ...["\u0000", "a\u0000b", "\ud800", "x\udfff", "\u202e", "", " ", "'; drop table x; --", "%00", "../../etc/passwd"],
  ...[
    "a".repeat(70_000),
    "9".repeat(400),
    "1e999",
    "-0",
    "NaN",
    "null",
    "__proto__",
    "00000000-0000-0000-0000-000000000000",
  ],
  ...[
    "0001-01-01T00:00:00Z",
    "+275760-09-13T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2026-13-45",
    "{}",
    "[]",
    "\ufeff",
  ],
  ...[-1, 0, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, Number.MIN_VALUE, true, false, null],
  ...[[], {}, [[]], [null], { a: null }, [""], { "": "" }, { constructor: {} }, ["\u0000"], { "\u0000": "\u0000" }],
];

/** Bodies that are no value in place of another. */
const raw: readonly string[] = [
  ...["", "{", "null", "[]", '"x"', "1e999", '{"a":1e999}', '{"__proto__":{"x":1}}', "\u0000", '{"a":"\\ud800"}'],
  ...[`${"[".repeat(20_000)}${"]".repeat(20_000)}`, `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`],
];

/**
 * Sends requests that are made from the host's own OpenAPI document and spoiled in one place, the same ones for the same
 * seed. A refusal is a good answer, and so is UNAVAILABLE where something is not part of the host; what is no answer at
 * all, or one that says the host made the mistake, is a finding.
 */
export async function fuzz(
  app: App,
  options: FuzzOptions,
): Promise<{ findings: Finding[]; sent: number; reached: Set<string> }> {
  const next = seeded(options.seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const document = (await app.inject("/api/openapi.json")).json() as Document;
  const operations = operationsOf(document).filter(({ method, path }) => !options.without?.test(`${method} ${path}`));
  const findings: Finding[] = [];
  const reached = new Set<string>();
  for (let at = 0; at < options.requests; at++) {
    const operation = operations[at % operations.length] as Operation;
    const request = { ...spoiled(operation), headers: { ...options.headers } as Record<string, string> };
    if (request.payload !== undefined) request.headers["content-type"] = "application/json";
    const signal = AbortSignal.timeout(patience);
    const answer = await app.inject({ ...request, signal } as never).catch((error: unknown) => {
      // A stream that goes on is an answer.
      if (signal.aborted) return undefined;
      throw new Error(`${request.method} ${request.url} ended in no answer`, { cause: error });
    });
    if (!answer) continue;
    if (answer.statusCode < 300) reached.add(`${operation.method} ${operation.path}`);
    if (answer.statusCode < 500 || answer.body.includes('"UNAVAILABLE"')) continue;
    const shown = `${request.method} ${request.url} ${request.payload ?? ""}`;
    findings.push({ request: shown.slice(0, 600), status: answer.statusCode, answer: answer.body.slice(0, 300) });
  }
  return { findings, sent: options.requests, reached };

  function spoiled({ method, path, parameters, body }: Operation) {
    const given = { word: "word", id: "0190b5a8-7c1e-7000-8000-000000000001" };
    const values = new Map<string, unknown>();
    for (const one of parameters) {
      if (one.in === "path" || next() < 0.4) values.set(`${one.in} ${one.name}`, value(one.schema as never, given));
    }
    let payload = body === undefined ? undefined : value(body as never, given);
    const places = [...values.keys(), ...(body === undefined ? [] : ["body", "body", "body"])];
    const place = places.length === 0 ? undefined : pick(places);
    let text: string | undefined;
    if (place === "body") {
      if (next() < 0.2) text = pick(raw);
      else payload = spoil(payload, optionalOf(body));
    } else if (place !== undefined) values.set(place, pick(hostile));
    const url = path.replaceAll(/\{([^}]+)\}/g, (_, name) => encoded(values.get(`path ${name}`)));
    const query = parameters
      .filter((one) => one.in === "query" && values.has(`query ${one.name}`))
      .map(({ name }) => `${encoded(name)}=${encoded(values.get(`query ${name}`))}`);
    if (next() < 0.05) query.push(`unknown=${encoded(pick(hostile))}`, "a[b]=c", "__proto__=x");
    text ??= payload === undefined ? undefined : JSON.stringify(payload);
    const question = query.length === 0 ? "" : `?${query.join("&")}`;
    return { method, url: `${url}${question}`, ...(text !== undefined && { payload: text }) };
  }

  /** Puts something hostile in one place of a value, at any depth, or an optional part where there is none. */
  function spoil(whole: unknown, optional: readonly string[]): unknown {
    if (next() < 0.1 || typeof whole !== "object" || whole === null) return pick(hostile);
    if (Array.isArray(whole)) {
      if (whole.length === 0 || next() < 0.2) return Array(pick([1, 2, 300])).fill(pick(hostile));
      return whole.with(Math.floor(next() * whole.length), spoil(pick(whole), []));
    }
    const names = [...Object.keys(whole), ...optional];
    const name = names.length === 0 ? "unknown" : pick(names);
    const inner = (whole as Record<string, unknown>)[name];
    return { ...whole, [name]: inner !== undefined && next() < 0.5 ? spoil(inner, []) : pick(hostile) };
  }
}

interface Document {
  paths: Record<string, Record<string, { parameters?: Operation["parameters"]; requestBody?: RequestBody }>>;
}
interface RequestBody {
  content?: Record<string, { schema?: object }>;
}

function operationsOf({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content?.["application/json"]?.schema,
    })),
  );
}

function optionalOf(schema: object | undefined): string[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: object; required?: string[] };
  return Object.keys(properties).filter((name) => !required.includes(name));
}

/** As it stands in an address; half of a surrogate pair has no such form, and is sent as bytes that are no UTF-8. */
function encoded(given: unknown): string {
  const text = typeof given === "string" ? given : JSON.stringify(given ?? "x");
  return text.isWellFormed() ? encodeURIComponent(text).slice(0, 8000) : "%ED%A0%80";
}
