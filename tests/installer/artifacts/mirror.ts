import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "./archives.ts";

/** How the mirror treats one path. */
export interface Served {
  content: Buffer;
  type?: string;
  /** Cut the connection after this many bytes of a response; each request takes the next entry, then none is cut. */
  cuts?: number[];
  /** Answer with these statuses first. */
  refusals?: number[];
  /** Bytes per 20 ms. */
  pace?: number;
  /** Stop sending after this many bytes and keep the connection open. */
  stalls?: number;
  /** Send half of it, and the rest when this is settled. */
  gate?: Promise<void>;
  /** Send no Content-Length. */
  chunked?: boolean;
  etag?: string;
}

export interface Seen {
  path: string;
  range: string | undefined;
  ifRange: string | undefined;
  authorization: string | undefined;
}

export interface Mirror {
  url: string;
  files: Map<string, Served>;
  seen: Seen[];
  close(): Promise<void>;
}

/** A real HTTP server with ranges and ETags, and with faults where they are asked for. */
export async function startMirror(): Promise<Mirror> {
  const files = new Map<string, Served>();
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { range, authorization } = request.headers;
    const path = new URL(request.url ?? "/", "http://mirror").pathname;
    const ifRange = request.headers["if-range"];
    seen.push({ path, range, ifRange: typeof ifRange === "string" ? ifRange : undefined, authorization });
    const served = files.get(path);
    if (served) void answer(served, request, response);
    else response.writeHead(404).end();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const url = await listen(server);
  return {
    url,
    files,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = served.refusals?.shift();
  if (refusal) return void response.writeHead(refusal).end();
  const etag = served.etag ?? `"${sha256(served.content).slice(0, 16)}"`;
  const ifRange = request.headers["if-range"];
  const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const from = wanted && (ifRange === undefined || ifRange === etag) ? Number(wanted[1]) : 0;
  const total = served.content.length;
  if (from >= total && total > 0) return void response.writeHead(416, { "content-range": `bytes */${total}` }).end();
  const body = served.content.subarray(from);
  const headers: Record<string, string | number> = { etag, "content-type": served.type ?? "application/octet-stream" };
  if (!served.chunked) headers["content-length"] = body.length;
  if (from > 0) headers["content-range"] = `bytes ${from}-${total - 1}/${total}`;
  response.writeHead(from > 0 ? 206 : 200, headers);
  if (request.method === "HEAD") return void response.end();
  response.flushHeaders();
  if (served.stalls !== undefined) return void response.write(body.subarray(0, served.stalls));
  const cut = served.cuts?.shift();
  const send = cut === undefined ? body : body.subarray(0, cut);
  const step = served.pace ?? 1 << 16;
  for (let at = 0; at < send.length && !response.destroyed; at += step) {
    if (!response.write(send.subarray(at, at + step))) await drained(response);
    if (served.pace) await sleep(20);
    if (served.gate && at * 2 >= send.length) await served.gate;
  }
  if (cut === undefined) response.end();
  else response.destroy();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

/** A socket that accepts and never answers. */
export async function startSilence(): Promise<{ url: string; connections(): number; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
  });
  const url = await listen(server);
  return {
    url,
    connections: () => sockets.length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function listen(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
