import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import type { Duplex } from "node:stream";
import { DevflowError } from "../../error.ts";
import type { DockerEngine } from "./engine.ts";

/** A connection that the engine handed over: what is written goes to a program's input. */
export interface Attached {
  socket: Duplex;
  /** Bytes that came with the answer. */
  head: Buffer;
}

/** Takes over the connection of a call, as attaching to a program asks for. */
export function attach({ address }: DockerEngine, path: string, body: object, signal: AbortSignal): Promise<Attached> {
  const text = JSON.stringify(body);
  const send = address.tls ? overHttps : overHttp;
  return new Promise((resolve, reject) => {
    const call = send(`${address.origin}${path}`, {
      method: "POST",
      ...(address.socketPath && { socketPath: address.socketPath }),
      ...address.tls,
      headers: {
        connection: "Upgrade",
        upgrade: "tcp",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      },
      signal,
    });
    call.once("upgrade", (_answer, socket, head) => resolve({ socket, head }));
    call.once("response", (answer) => {
      answer.resume();
      reject(
        new DevflowError("COMPONENT_FAILED", `Docker did not hand over a connection: HTTP ${answer.statusCode}.`, {
          hint: "The container may have ended; see its log.",
        }),
      );
    });
    call.once("error", reject);
    call.end(text);
  });
}

/** Called with each piece of what a program wrote. */
export interface Sinks {
  stdout(piece: Buffer): void;
  stderr(piece: Buffer): void;
}

/**
 * Takes the engine's frames apart: eight bytes (1: output, 2: errors; then the length, big-endian) before each piece.
 * The answer is fed with bytes as they come.
 */
export function demultiplex(sinks: Sinks): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 8) {
      const length = rest.readUInt32BE(4);
      if (rest.length < 8 + length) return;
      const piece = rest.subarray(8, 8 + length);
      if (rest[0] === 2) sinks.stderr(piece);
      else sinks.stdout(piece);
      rest = rest.subarray(8 + length);
    }
  };
}
