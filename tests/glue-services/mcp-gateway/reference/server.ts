import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import {
  createMcpHandler,
  isLegacyRequest,
  localhostAllowedHostnames,
  ProtocolError,
  ResourceNotFoundError,
  Server,
  UriTemplate,
  validateHostHeader,
  validateOriginHeader,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { emptyInput, prompts, resources, template, tools } from "./offers.ts";

/** A server of both protocols that offers what the conformance suite asks for, with the SDK and nothing of the gateway. */
export function referenceServer(): Server {
  const fresh = { ttlMs: 60_000, cacheScope: "public" } as const;
  const server = new Server(
    { name: "reference", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      cacheHints: Object.fromEntries(
        ["tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"].map((method) => [
          method,
          fresh,
        ]),
      ),
    },
  );
  const handle = server.setRequestHandler.bind(server) as unknown as (
    method: string,
    handler: (request: { params?: Record<string, unknown> }, context: never) => unknown,
  ) => void;
  handle("tools/list", () => ({
    tools: Object.entries(tools).map(([name, { input = emptyInput }]) => ({
      ...{ name, description: name.replaceAll("_", " "), inputSchema: input },
    })),
  }));
  handle("tools/call", ({ params = {} }, context) => {
    const tool = tools[String(params.name)];
    if (!tool) throw new ProtocolError(-32602, `Unknown tool ${params.name}`);
    return tool.call((params.arguments ?? {}) as Record<string, unknown>, context);
  });
  handle("prompts/list", () => ({
    prompts: Object.entries(prompts).map(([name, prompt]) => ({
      ...{ name, description: name.replaceAll("_", " ") },
      arguments: prompt.arguments.map((argument) => ({ name: argument, required: true })),
    })),
  }));
  handle("prompts/get", ({ params = {} }, context) => {
    const prompt = prompts[String(params.name)];
    if (!prompt) throw new ProtocolError(-32602, `Unknown prompt ${params.name}`);
    return prompt.get((params.arguments ?? {}) as Record<string, unknown>, context);
  });
  handle("resources/list", () => ({
    resources: Object.entries(resources).map(([uri, { mimeType }]) => ({ uri, name: uri.slice(7), mimeType })),
  }));
  handle("resources/templates/list", () => ({
    resourceTemplates: [{ uriTemplate: template, name: "template", mimeType: "application/json" }],
  }));
  handle("resources/read", ({ params = {} }) => {
    const uri = String(params.uri);
    const known = resources[uri];
    if (known) return { contents: [{ uri, ...known }] };
    const found = new UriTemplate(template).match(uri);
    if (!found) throw new ResourceNotFoundError(uri);
    const words = JSON.stringify({ id: found.id, data: `Data for ID: ${found.id}` });
    return { contents: [{ uri, mimeType: "application/json", text: words }] };
  });
  handle("resources/subscribe", () => ({}));
  handle("resources/unsubscribe", () => ({}));
  handle("completion/complete", () => ({ completion: { values: [], total: 0, hasMore: false } }));
  return server;
}

/**
 * Serves it on loopback; answers its address.
 *
 * @param only the one protocol that it knows; the other it refuses. @default both
 */
export async function serveReference(
  port = 0,
  only?: "2025" | "2026",
): Promise<{ url: string; close(): Promise<void> }> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const modern = createMcpHandler(() => referenceServer(), { legacy: "reject" });
  const http = createServer((request, response) => {
    respond(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    close: async () => {
      await modern.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const names = localhostAllowedHostnames();
    const { host, origin } = request.headers;
    if (!validateHostHeader(host, names).ok || !validateOriginHeader(origin, names).ok) {
      return void response.writeHead(403).end();
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const web = new Request(`http://${host}${request.url}`, {
      method: request.method ?? "GET",
      headers: request.headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const former = only === "2025" || (only === undefined && (await isLegacyRequest(web)));
    const answer = former ? await inSession(web) : await modern.fetch(web);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (!answer.body) return void response.end();
    const stream = Readable.fromWeb(answer.body as never);
    response.once("close", () => stream.destroy());
    stream.on("error", () => response.destroy()).pipe(response);
  }

  async function inSession(request: Request): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    const known = id === null ? undefined : sessions.get(id);
    if (known) return known.handleRequest(request);
    if (id !== null) return new Response(null, { status: 404 });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => void sessions.set(session, transport),
      onsessionclosed: (session) => void sessions.delete(session),
    });
    await referenceServer().connect(transport as never);
    return transport.handleRequest(request);
  }
}

// Started as a program: over standard input and output, or with a port over HTTP.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const how = process.argv[2];
  // As a server that knows nothing newer than 2025.
  if (how === "former") await referenceServer().connect(new StdioServerTransport() as never);
  else if (how === "modern") serveStdio(() => referenceServer(), { legacy: "reject" });
  else if (how) console.error((await serveReference(Number(how))).url);
  else serveStdio(() => referenceServer());
}
