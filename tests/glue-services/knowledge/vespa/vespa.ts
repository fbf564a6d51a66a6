import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { type DocumentType, type Package, readPackage } from "./package.ts";
import { type Condition, parseYql } from "./yql.ts";

export type Fields = Record<string, string | { values: number[] }>;

/** Answers in place of the stand-in, or lets it answer by answering undefined. */
export type Instead = (request: {
  method: string;
  path: string;
  body: string;
}) => Reply | undefined | Promise<Reply | undefined>;

interface Reply {
  status: number;
  body: object;
}

/** A server that speaks Vespa's document/v1 and /search/, and takes what the package in configs/vespa describes. */
export interface StandIn {
  url: string;
  documents: Map<string, { type: string; fields: Fields }>;
  /** Bodies of the queries it got. */
  queries: Record<string, unknown>[];
  /** Documents it was sent, and the most operations at once. */
  puts: number;
  most: number;
  /** Operations at once it bears; more are answered with 429. */
  room: number;
  does(instead: Instead | undefined): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startVespa(): Promise<StandIn> {
  const application = readPackage();
  let instead: Instead | undefined;
  let running = 0;
  let port = 0;
  let server: Server | undefined;
  const it: StandIn = {
    ...{ url: "", documents: new Map(), queries: [], puts: 0, most: 0, room: Number.POSITIVE_INFINITY },
    does(what) {
      instead = what;
    },
    async stop() {
      server?.closeAllConnections();
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
      server = undefined;
    },
    async start() {
      server = createServer(async (request, response) => {
        const { status, body } = await answer(request).catch((error: Error) => ({
          status: 400,
          body: { message: error.message },
        }));
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
      await new Promise<void>((resolve) => server?.listen(port, "127.0.0.1", resolve));
      port = (server.address() as AddressInfo).port;
      it.url = `http://127.0.0.1:${port}`;
    },
  };
  await it.start();
  onTestFinished(() => it.stop());
  return it;

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { method = "", url = "" } = request;
    const body = await text(request);
    const other = await instead?.({ method, path: url, body });
    if (other) return other;
    const { pathname, searchParams } = new URL(url, it.url);
    if (pathname === "/search/") return search(JSON.parse(body));
    const [, type, id] = /^\/document\/v1\/knowledge\/(\w+)\/docid\/(.*)$/.exec(pathname) ?? [];
    if (!type) return { status: 404, body: { message: `Nothing at '${pathname}'` } };
    const known = application.types.get(type);
    if (!known) return { status: 400, body: { message: `Document type ${type} does not exist` } };
    running++;
    it.most = Math.max(it.most, running);
    try {
      if (running > it.room) return { status: 429, body: { message: "Rejecting execution due to overload" } };
      await new Promise((resolve) => setTimeout(resolve, 2));
      return operate(method, `${type}/${decodeURIComponent(id ?? "")}`, type, known, body, searchParams);
    } finally {
      running--;
    }
  }

  function operate(
    method: string,
    key: string,
    type: string,
    known: DocumentType,
    body: string,
    query: URLSearchParams,
  ): Reply {
    if (key === `${type}/`) {
      if (method !== "DELETE") return { status: 405, body: { message: `'${method}' not allowed` } };
      return removeAll(type, query);
    }
    if (method === "GET") {
      return { status: it.documents.has(key) ? 200 : 404, body: {} };
    }
    if (method === "DELETE") it.documents.delete(key);
    else {
      const { fields } = JSON.parse(body) as { fields: Fields };
      checkFields(type, known, fields);
      it.puts++;
      it.documents.set(key, { type, fields });
    }
    return { status: 200, body: { pathId: key } };
  }

  /** Ten a call, so that whoever deletes more must follow the continuation. */
  function removeAll(type: string, query: URLSearchParams): Reply {
    if (query.get("cluster") !== application.cluster) throw new Error(`no cluster '${query.get("cluster")}'`);
    const [, named, field, value] = /^(\w+)\.(\w+) == "([^"]*)"$/.exec(query.get("selection") ?? "") ?? [];
    if (named !== type || !field || !application.types.get(type)?.fields.has(field))
      throw new Error(`Could not parse the selection '${query.get("selection")}'`);
    const found = [...it.documents].filter(([, one]) => one.type === type && one.fields[field] === value);
    for (const [key] of found.slice(0, 10)) it.documents.delete(key);
    return { status: 200, body: { documentCount: 10, ...(found.length > 10 && { continuation: "AAAA" }) } };
  }

  function search(body: Record<string, unknown>): Reply {
    it.queries.push(body);
    try {
      return { status: 200, body: { root: found(application, it.documents, body) } };
    } catch (error) {
      return { status: 400, body: { root: { errors: [{ code: 3, message: (error as Error).message }] } } };
    }
  }
}

function checkFields(type: string, { fields: known }: DocumentType, fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    const field = known.get(name);
    if (!field) throw new Error(`No field '${name}' in the structure of type '${type}'`);
    if (field.type === "string") {
      if (typeof value !== "string") throw new Error(`Field '${name}' is no string`);
      const bad = /(?![\t\n\r])\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/u.exec(value);
      if (bad)
        throw new Error(
          `The string field value of '${name}' contains illegal code point 0x${bad[0].codePointAt(0)?.toString(16)}`,
        );
    } else {
      const { values } = value as { values: number[] };
      if (values?.length !== field.type.tensor || !values.every(Number.isFinite))
        throw new Error(`Tensor of '${name}' has ${values?.length} values, not ${field.type.tensor}`);
    }
  }
}

/** @throws Error for what Vespa would not take, and for a query that is not of one organisation and one generation */
function found({ types, queryProfiles }: Package, documents: StandIn["documents"], body: Record<string, unknown>) {
  const defaults = queryProfiles.get(String(body.queryProfile));
  if (!defaults) throw new Error(`Could not resolve query profile '${body.queryProfile}'`);
  const { from, where } = parseYql(String(body.yql), body);
  const type = types.get(from);
  if (!type) throw new Error(`Could not resolve source ref '${from}'`);
  const every = where.is === "and" ? where.of : [where];
  for (const field of ["organisation", "generation"]) {
    if (!every.some((one) => one.is === "contains" && one.field === field && !one.prefix))
      throw new Error(`the stand-in answers no query without a condition on ${field}`);
  }
  const profile = String(body["ranking.profile"] ?? defaults.get("ranking.profile"));
  if (!type.profiles.has(profile))
    throw new Error(`schema[${from}] does not contain requested rank profile '${profile}'`);
  const vector = vectorOf(type, where, body);
  const summary = type.summaries.get(defaults.get("presentation.summary") ?? "") ?? [];
  const all = [...documents.values()].filter((one) => one.type === from);
  const filtered = all.filter(({ fields }) => every.every((one) => !isFilter(one) || matches(type, one, fields)));
  const wanted = every.filter((one) => !isFilter(one));
  const nearest = vector
    ? filtered
        .filter(({ fields }) => fields.embedding)
        .toSorted((a, b) => closeness(b.fields, vector) - closeness(a.fields, vector))
        .slice(0, nearHits(where))
    : [];
  const hits = filtered.flatMap((one) => {
    const { fields } = one;
    const near = nearest.includes(one);
    if (!wanted.every((condition) => matches(type, condition, fields, near))) return [];
    const features = { words: wordsOf(where, type, fields), meaning: near && vector ? closeness(fields, vector) : 0 };
    const shown = Object.fromEntries(summary.map((name) => [name, fields[name]]));
    return { relevance: features.words + features.meaning, fields: { ...shown, matchfeatures: features } };
  });
  const most = Number(body.hits ?? defaults.get("hits"));
  return {
    coverage: { coverage: 100, documents: all.length, full: true, nodes: 1 },
    ...(hits.length > 0 && { children: hits.toSorted((a, b) => b.relevance - a.relevance).slice(0, most) }),
  };
}

function vectorOf(type: DocumentType, where: Condition, body: Record<string, unknown>): number[] | undefined {
  const near = every(where).find((one) => one.is === "near");
  if (!near) return undefined;
  const field = type.fields.get(near.field);
  const values = JSON.parse(String(body[`input.query(${near.query})`])) as number[];
  if (typeof field?.type !== "object") throw new Error(`'${near.field}' is no tensor`);
  if (values.length !== field.type.tensor) throw new Error(`query(${near.query}) has ${values.length} values`);
  return values;
}

function nearHits(where: Condition): number {
  return every(where).find((one) => one.is === "near")?.hits ?? 0;
}

function every(condition: Condition): Condition[] {
  if (condition.is === "and" || condition.is === "or") return condition.of.flatMap(every);
  return condition.is === "not" ? every(condition.of) : [condition];
}

function isFilter(condition: Condition): boolean {
  return condition.is === "contains" || condition.is === "in";
}

function matches(type: DocumentType, condition: Condition, fields: Fields, near = false): boolean {
  switch (condition.is) {
    case "and":
      return condition.of.every((one) => matches(type, one, fields, near));
    case "or":
      return condition.of.some((one) => matches(type, one, fields, near));
    case "not":
      return !matches(type, condition.of, fields, near);
    case "near":
      return near;
    case "in":
      return condition.values.some((value) => equal(type, condition.field, value, fields, false));
    case "contains":
      return equal(type, condition.field, condition.value, fields, condition.prefix);
    case "user": {
      const asked = tokens(condition.text);
      const has = indexed(type, condition.index).map((name) => tokens(String(fields[name] ?? "")));
      if (condition.grammar === "weakAnd") return asked.some((word) => has.some((list) => list.includes(word)));
      return has.some((list) => list.some((_word, at) => asked.every((word, next) => list[at + next] === word)));
    }
  }
}

function equal(type: DocumentType, name: string, value: string, fields: Fields, prefix: boolean): boolean {
  const field = type.fields.get(name);
  if (!field) throw new Error(`Field '${name}' does not exist`);
  if (!field.attribute) throw new Error(`'${name}' is no attribute`);
  const form = (text: string) => (field.cased ? text : text.toLowerCase());
  const has = form(String(fields[name] ?? ""));
  return prefix ? has.startsWith(form(value)) : has === form(value);
}

function indexed(type: DocumentType, name: string): string[] {
  const names = type.fieldsets.get(name) ?? [name];
  for (const one of names) if (!type.fields.get(one)?.index) throw new Error(`Field '${one}' is not indexed`);
  return names;
}

function wordsOf(where: Condition, type: DocumentType, fields: Fields): number {
  const asked = every(where).filter((one) => one.is === "user");
  return asked.filter((one) => matches(type, one, fields)).length;
}

function tokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** Vespa's closeness by angle. */
function closeness(fields: Fields, vector: readonly number[]): number {
  const { values } = fields.embedding as { values: number[] };
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, one, at) => sum + one * (b[at] ?? 0), 0);
  const cosine = dot(values, vector) / Math.sqrt(dot(values, values) * dot(vector, vector));
  return 1 / (1 + Math.acos(Math.min(1, Math.max(-1, cosine))));
}
