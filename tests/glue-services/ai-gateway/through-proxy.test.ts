import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib";
import { expect, it } from "vitest";
import { stackProxy } from "../stack-proxy.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { deltas, startUpstream, stop } from "./upstream.ts";

const words = ["one ", "two ", "three ", "four"];

/** A gateway behind the stack's own Caddy, and a provider that says each further word when it is told to. */
async function behindCaddy() {
  let told = 0;
  let listen = () => {};
  const upstream = await startUpstream(async (_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const [head, first, ...others] = deltas(words.join(""));
    response.write(`${head}${first}`);
    for (const one of [...others, `${stop()}data: [DONE]\n\n`]) {
      while (told === 0 && !response.destroyed) {
        await new Promise<void>((resolve) => {
          listen = resolve;
          response.once("close", resolve);
        });
      }
      if (response.destroyed) return;
      told--;
      response.write(one);
    }
    response.end();
  });
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const port = await stackProxy((rig.app.server.address() as AddressInfo).port);
  const next = () => {
    told++;
    listen();
  };
  return { upstream, key: await rig.key(), port, next };
}

/** Text of an answer as it comes, unpacked piece by piece. */
function reading(answer: IncomingMessage): { text(): string; ended: Promise<void> } {
  const unpack = {
    gzip: () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
    br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
    zstd: () => createZstdDecompress(),
  }[answer.headers["content-encoding"] ?? ""];
  const stream = unpack ? answer.pipe(unpack()) : answer;
  let text = "";
  stream.on("data", (part: Buffer) => (text += part.toString()));
  stream.on("error", () => {});
  return { text: () => text, ended: new Promise((resolve) => stream.once("end", resolve)) };
}

function ask(port: number, key: string, path: string, accept: string) {
  return new Promise<{ answer: IncomingMessage; leave(): void }>((resolve, reject) => {
    const sent = request({
      ...{ host: "127.0.0.1", port, path: `/v1${path}`, method: "POST", agent: false },
      headers: {
        ...{ host: `localhost:${port}`, authorization: `Bearer ${key}`, "x-api-key": key },
        ...{ "content-type": "application/json", "accept-encoding": accept },
      },
    });
    sent.once("error", reject);
    sent.once("response", (answer) => resolve({ answer, leave: () => void sent.destroy() }));
    const conversation = path === "/responses" ? { input: "Count." } : { messages: question, max_tokens: 50 };
    sent.end(JSON.stringify({ model: "mock/small", stream: true, ...conversation }));
  });
}

for (const [path, surface] of [
  ["/chat/completions", "chats"],
  ["/messages", "Anthropic's messages"],
  ["/responses", "responses"],
] as const) {
  it(`streams of ${surface} come through the stack's proxy word by word, whatever compression a client takes`, async () => {
    const { port, key, next, upstream } = await behindCaddy();
    for (const accept of ["identity", "gzip", "zstd", "gzip, deflate, br, zstd"]) {
      const { answer } = await ask(port, key, path, accept);
      expect([accept, answer.statusCode, answer.headers["content-type"]]).toEqual([
        ...[accept, 200, expect.stringContaining("text/event-stream")],
      ]);
      const { text, ended } = reading(answer);
      for (const word of words) {
        // The provider says the next word only when this one has arrived.
        await expect.poll(text, { interval: 5 }).toContain(`"${word}"`);
        next();
      }
      await ended;
    }
    await expect.poll(() => upstream.open).toBe(0);
  }, 60_000);
}

it("a client that goes away behind the stack's proxy ends the call at the provider", async () => {
  const { port, key, upstream } = await behindCaddy();
  for (const accept of ["identity", "gzip"]) {
    const { answer, leave } = await ask(port, key, "/chat/completions", accept);
    const { text } = reading(answer);
    answer.on("error", () => {});
    await expect.poll(text).toContain('"one "');
    expect(upstream.open).toBe(1);
    leave();
    await expect.poll(() => upstream.open).toBe(0);
  }
}, 60_000);
