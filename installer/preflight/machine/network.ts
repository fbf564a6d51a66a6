import { lookup as resolveName } from "node:dns/promises";
import { connect, createServer } from "node:net";

/** The error code that listening fails with (EADDRINUSE, EACCES, EADDRNOTAVAIL, …), or undefined when the port is free. */
export function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

export async function lookup(host: string): Promise<string[]> {
  const found = await resolveName(host, { all: true }).catch(() => []);
  return [...new Set(found.map(({ address }) => address))];
}

export function connects(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

export function serverTime(url: string, signal: AbortSignal): Promise<number | undefined> {
  const { request } = process.getBuiltinModule("node:http");
  return new Promise((resolve) => {
    const asked = request(url, { method: "HEAD", signal }, (response) => {
      response.destroy();
      const time = Date.parse(response.headers.date ?? "");
      resolve(Number.isNaN(time) ? undefined : time);
    });
    asked.once("error", () => resolve(undefined));
    asked.end();
  });
}
