import type { Everything } from "../isolation/every-service.ts";
import { value } from "../isolation/from-schema.ts";

/** Something to ask a host for, and what a sensible client would send. */
export interface Operation {
  method: string;
  /** With `{name}` where a parameter goes. */
  path: string;
  parameters: { name: string; in: string; schema?: object }[];
  /** Schema of its JSON body. */
  body?: object | undefined;
  /** A body that is taken, where no schema describes it. */
  example?: unknown;
  /** By status and `default`; undefined where it is not described. */
  responses?: Record<string, Response> | undefined;
}
export interface Response {
  content?: Record<string, { schema?: object }>;
  $ref?: string;
}

export interface Document {
  paths: Record<string, Record<string, Described>>;
  components?: object;
}
interface Described {
  parameters?: Operation["parameters"];
  requestBody?: { content?: Record<string, { schema?: object }> };
  responses?: Record<string, Response>;
}

/** Every operation of the host's description. */
export function describedOperations({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content?.["application/json"]?.schema,
      responses,
    })),
  );
}

/** Pages, and the addresses of models and MCP, which speak protocols of their own and are described by these. */
export function otherOperations({ routes }: Everything, described: readonly Operation[]): Operation[] {
  const known = new Set(described.map(({ method, path }) => `${method} ${path}`));
  return routes.flatMap(({ method, url, schema }) => {
    const path = url.replace(/:(\w+)/g, "{$1}").replace("*", "{rest}");
    if (known.has(`${method} ${path}`)) return [];
    const inQuery = Object.entries((schema.querystring as { properties?: Record<string, object> })?.properties ?? {});
    const parameters = [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({ name, in: "path", schema: { type: "string" } })),
      ...inQuery.map(([name, one]) => ({ name, in: "query", schema: one })),
    ];
    const taken = examples.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
    return [{ method, path, parameters, ...(taken !== undefined && { example: taken }) }];
  });
}

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "Hello" }] },
];
const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }];
const examples: readonly [RegExp, unknown][] = [
  [/POST \/v1\/chat/, { model: "smart", messages, tools, stream: false, max_tokens: 5, n: 1, temperature: 1 }],
  [/POST \/v1\/completions/, { model: "smart", prompt: ["a"], max_tokens: 5 }],
  [/POST \/v1\/responses/, { model: "smart", input: [{ role: "user", content: "a" }], reasoning: { effort: "low" } }],
  [/POST \/v1\/messages/, { model: "smart", max_tokens: 5, messages: messages.slice(1), system: "x" }],
  [/POST \/v1\/embeddings/, { model: "embed", input: ["a", "b"], dimensions: 8, encoding_format: "float" }],
  [/POST \/v1\/moderations/, { model: "smart", input: "a" }],
  [/POST \/v1\//, { model: "smart", prompt: "a", input: "a", voice: "x" }],
  [
    /POST \/mcp\//,
    {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "find_sources", arguments: { words: "a" }, _meta: { progressToken: 1 } },
    },
  ],
  [
    /POST \/mcp/,
    {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a", version: "1" } },
    },
  ],
];

/** A body that the operation takes. */
export function sensibleBody({ body, example }: Operation): unknown {
  if (example !== undefined) return structuredClone(example);
  return body === undefined ? undefined : value(body as never, { word: "word", id });
}

export const id = "0190b5a8-7c1e-7000-8000-000000000001";
