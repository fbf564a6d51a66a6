import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// A server that writes every field it knows, with null where it has nothing; by itself it is a program.

const tool = {
  ...{ name: "t", title: null, description: null, outputSchema: null, annotations: null, _meta: null },
  inputSchema: {
    ...{ type: "object", title: null, required: null },
    properties: { a: { type: ["string", "null"], description: null, default: null, enum: ["x", null] } },
  },
};
const answers: Record<string, object | null> = {
  initialize: {
    ...{ protocolVersion: "2025-06-18", instructions: null, _meta: null },
    capabilities: { tools: { listChanged: null }, prompts: null, resources: null, logging: null },
    serverInfo: { name: "nulls", version: "1", title: null, icons: null },
  },
  ping: null,
  "tools/list": { tools: [tool], nextCursor: null, _meta: null },
  "tools/call": {
    content: [{ type: "text", text: "hello", annotations: null, _meta: null }],
    ...{ structuredContent: { found: null, rows: [null, { a: null }] }, isError: null, _meta: null },
  },
};

/** Its answer to a message. */
export const answerOf = (message: { id?: unknown; method: string }) =>
  message.method in answers
    ? { jsonrpc: "2.0", id: message.id, result: answers[message.method], error: null }
    : { jsonrpc: "2.0", id: message.id, error: { code: -32601, message: "no", data: null }, result: null };

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const message = JSON.parse(line) as { id?: unknown; method: string };
    if (message.id !== undefined) process.stdout.write(`${JSON.stringify(answerOf(message))}\n`);
  });
}
