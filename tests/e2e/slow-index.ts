import { open, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A package index that has one file and sends it slowly until told otherwise. */
export async function slowIndex(path: string, name: string) {
  let slow = true;
  const { size } = await stat(path);
  const server = createServer(async (request, response) => {
    if (!request.url?.includes(name)) {
      const link = `<!DOCTYPE html><html><body><a href="/files/${name}">${name}</a></body></html>`;
      response.setHeader("content-type", "text/html").end(link);
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from > 0) response.setHeader("content-range", `bytes ${from}-${size - 1}/${size}`);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": size - from, "accept-ranges": "bytes" });
    if (request.method === "HEAD") return response.end();
    await using file = await open(path, "r");
    const chunk = Buffer.alloc(64 << 10);
    for (let at = from; at < size && !response.destroyed; ) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      at += bytesRead;
      if (!response.write(Buffer.from(chunk.subarray(0, bytesRead)))) {
        await Promise.race([new Promise((resolve) => response.once("drain", resolve)), pause(1000)]);
      }
      if (slow) await pause(200);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    file: basename(path),
    hurry: () => {
      slow = false;
    },
    close: () => server.close(),
  };
}
