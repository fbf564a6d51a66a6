import type { App } from "../../../glue-services/kit/index.ts";
import { seeded } from "../../seeded.ts";
import { value } from "../isolation/from-schema.ts";
import { judgeBy } from "./judge.ts";
import { type Document, id, type Operation, sensibleBody } from "./operations.ts";
import { contentTypes, hostile, hostileHeaders, rawBodies } from "./values.ts";

export interface Finding {
  request: string;
  /** All but what proves who asks. */
  headers: string;
  status: number;
  answer: string;
}

export interface FuzzOptions {
  document: Document;
  operations: readonly Operation[];
  /** One of them is sent with each request. */
  callers: readonly Record<string, string>[];
  seed: number;
  /** Requests to send. */
  requests: number;
  /** Operations whose answer may stay open, by `METHOD /path`. */
  streams: RegExp;
}

/** Milliseconds without a whole answer after which it is one that hangs, or a stream. It ends what hangs, and judges no speed. */
const patience = 30_000;

interface Spoiled {
  method: string;
  url: string;
  payload?: string;
  headers: Record<string, string>;
}

/**
 * Sends requests that a sensible client might send, each spoiled in one place, the same ones for the same seed. A refusal
 * is a good answer, and so is UNAVAILABLE where something is not part of the host.
 */
export async function fuzz(
  app: App,
  { document, operations, callers, seed, requests, streams }: FuzzOptions,
): Promise<{ findings: Finding[]; reached: Set<string> }> {
  const next = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const judge = judgeBy(document);
  const findings: Finding[] = [];
  const reached = new Set<string>();
  for (let at = 0; at < requests; at++) {
    const operation = operations[at % operations.length] as Operation;
    const name = `${operation.method} ${operation.path}`;
    const request = spoiled(operation);
    const { method, url, payload } = request;
    const signal = AbortSignal.timeout(streams.test(name) ? 50 : patience);
    const answer = await app.inject({ ...request, signal } as never).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw new Error(`${method} ${url} ended in no answer`, { cause: error });
    });
    const found = (status: number, text: string) =>
      findings.push({
        request: `${method} ${url} ${payload ?? ""}`.slice(0, 600),
        headers: namesOf(request.headers),
        status,
        answer: text.slice(0, 400),
      });
    if (!answer) {
      if (!streams.test(name)) found(0, "hangs");
      continue;
    }
    if (answer.statusCode < 300) reached.add(name);
    const wrong = judge(operation, answer);
    if (wrong) found(answer.statusCode, `${wrong} | ${answer.body}`);
  }
  return { findings, reached };

  function spoiled(operation: Operation): Spoiled {
    const { method, path, parameters } = operation;
    const values = new Map<string, unknown>();
    for (const one of parameters) {
      if (one.in === "path" || next() < 0.4) {
        values.set(`${one.in} ${one.name}`, value(one.schema as never, { word: "word", id }));
      }
    }
    let body = sensibleBody(operation);
    const places = [...values.keys(), ...(body === undefined ? [] : ["body", "body", "body"]), "headers"];
    const place = pick(places);
    let text: string | undefined;
    const headers = { ...pick(callers) };
    if (place === "headers") Object.assign(headers, pick(hostileHeaders));
    else if (place !== "body") values.set(place, pick(hostile));
    else if (next() < 0.2) text = pick(rawBodies);
    else body = spoil(body, optionalOf(operation.body));
    const address = path.replaceAll(/\{([^}]+)\}/g, (_, name) => encoded(values.get(`path ${name}`)));
    const query = parameters
      .filter((one) => one.in === "query" && values.has(`query ${one.name}`))
      .flatMap(({ name }) => {
        const part = `${encoded(name)}=${encoded(values.get(`query ${name}`))}`;
        // The same name twice is a list for some readers.
        return next() < 0.1 ? [part, `${encoded(name)}=${encoded(pick(hostile))}`] : [part];
      });
    if (next() < 0.05) query.push(`unknown=${encoded(pick(hostile))}`, "a[b]=c", "__proto__=x", "=", "%", "a=%ff");
    text ??= body === undefined ? undefined : JSON.stringify(body);
    if (text !== undefined && method !== "GET") {
      headers["content-type"] = next() < 0.05 ? pick(contentTypes) : "application/json";
    }
    const payload = method === "GET" ? undefined : text;
    const url = `${address}${query.length === 0 ? "" : `?${query.join("&")}`}`;
    return { method, url, headers, ...(payload !== undefined && { payload }) };
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

function namesOf({ authorization: _key, cookie: _session, ...rest }: Record<string, string>): string {
  return JSON.stringify(rest).slice(0, 200);
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
