import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Pool } from "undici";
import { exchange, type Outgoing, type Patience, ProviderFailure } from "../providers/exchange.ts";
import type { Flow, Shape, Whole } from "../wire/shape.ts";

/** How one attempt at one provider ended. */
export type Attempt =
  /** A whole answer, not yet sent. */
  | { is: "answered"; status: number; headers: IncomingHttpHeaders; whole: Whole }
  /** A stream that the client has, to its end. */
  | { is: "streamed"; flow: Flow; firstMs: number }
  /** The provider refused; nothing was sent. */
  | { is: "refused"; status: number; headers: IncomingHttpHeaders; body: Buffer }
  /** The provider failed; nothing was sent. */
  | { is: "failed"; error: Error }
  /** It failed in the middle of a stream that the client has a part of. */
  | { is: "cut"; flow: Flow; firstMs: number; error: Error }
  | { is: "cancelled"; flow: Flow | undefined; firstMs: number | undefined };

/** Where a stream goes: opened at the first event that says something, so that until then another provider may answer. */
export interface Sink {
  raw: ServerResponse;
  /** Sends the head of the answer; only the first call does. */
  open(): void;
  /** Takes a piece; false: no more before `drain`. */
  write(text: string): boolean;
}

/**
 * Bytes of an answer that is not a stream, and of an error, of which the rest is not read; characters of what a stream
 * sends before it says something, beside four times the request: some APIs begin with the request itself, twice.
 */
const longest = { whole: 64 * 1024 * 1024, error: 64 * 1024, prelude: 1024 * 1024 };

/** Asks for a whole answer. */
export function askWhole(pool: Pool, outgoing: Outgoing, patience: Patience, shape: Shape, raw: ServerResponse) {
  return new Promise<Attempt>((resolve) => {
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let size = 0;
    const chunks: Buffer[] = [];
    const done = (attempt: Attempt) => {
      raw.off("close", gone);
      resolve(attempt);
    };
    const sent = exchange(pool, outgoing, patience, {
      start(code, given) {
        status = code;
        headers = given;
      },
      data(chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (status >= 400 && size > longest.error) {
          sent.abort();
          return done({ is: "refused", status, headers, body: beginning(chunks) });
        }
        if (size <= longest.whole) return;
        sent.abort();
        done({ is: "failed", error: new ProviderFailure("cut", "The answer is too long.") });
      },
      end() {
        const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
        if (status >= 400) return done({ is: "refused", status, headers, body });
        try {
          done({ is: "answered", status, headers, whole: shape.whole(body) });
        } catch (error) {
          done({ is: "failed", error: garbage(error) });
        }
      },
      failed: (error) => done({ is: "failed", error }),
    });
    raw.once("close", gone);
    function gone(): void {
      sent.abort();
      done({ is: "cancelled", flow: undefined, firstMs: undefined });
    }
  });
}

/** Asks for a stream and hands it on as it comes. */
export function askStream(pool: Pool, outgoing: Outgoing, patience: Patience, shape: Shape, sink: Sink) {
  const began = performance.now();
  return new Promise<Attempt>((resolve) => {
    const { raw } = sink;
    const flow = shape.flow();
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let held = "";
    let firstMs: number | undefined;
    let paused = false;
    const refusal: Buffer[] = [];
    let size = 0;
    const done = (attempt: Attempt) => {
      raw.off("close", gone);
      raw.off("drain", drained);
      resolve(attempt);
    };
    const sent = exchange(pool, outgoing, patience, {
      start(code, given) {
        status = code;
        headers = given;
      },
      data(chunk) {
        if (status >= 400) {
          refusal.push(chunk);
          size += chunk.length;
          if (size <= longest.error) return;
          sent.abort();
          return done({ is: "refused", status, headers, body: beginning(refusal) });
        }
        try {
          pass(flow.push(chunk));
          if (flow.error === undefined) return;
          sent.abort();
          fail(new ProviderFailure("cut", flow.error));
        } catch (error) {
          sent.abort();
          fail(garbage(error));
        }
      },
      end() {
        if (status >= 400) return done({ is: "refused", status, headers, body: Buffer.concat(refusal) });
        try {
          pass(flow.rest());
        } catch (error) {
          return fail(garbage(error));
        }
        if (flow.error !== undefined) return fail(new ProviderFailure("cut", flow.error));
        // Some servers end without saying so; a stream that said nothing of its end was cut.
        if (!flow.finished) return fail(new ProviderFailure("cut", "The stream ended in the middle."));
        pass(flow.end(), true);
        done({ is: "streamed", flow, firstMs: firstMs ?? performance.now() - began });
      },
      failed: fail,
    });
    raw.once("close", gone);

    function pass(text: string, last = false): void {
      if (firstMs === undefined && !flow.started && !last && !flow.finished) {
        held += text;
        if (held.length > longest.prelude + 4 * outgoing.body.length)
          throw new Error("It begins and never says anything.");
        return;
      }
      if (firstMs === undefined && flow.error !== undefined) return;
      if (firstMs === undefined) {
        firstMs = performance.now() - began;
        sink.open();
        text = held + text;
        held = "";
      }
      if (text === "" || sink.write(text) || paused) return;
      paused = true;
      sent.pause();
      raw.once("drain", drained);
    }

    function drained(): void {
      paused = false;
      sent.resume();
    }

    function fail(error: Error): void {
      if (firstMs === undefined) done({ is: "failed", error });
      else done({ is: "cut", flow, firstMs, error });
    }

    function gone(): void {
      sent.abort();
      done({ is: "cancelled", flow, firstMs });
    }
  });
}

function beginning(chunks: readonly Buffer[]): Buffer {
  return Buffer.concat(chunks).subarray(0, longest.error);
}

function garbage(cause: unknown): ProviderFailure {
  return new ProviderFailure("cut", `The answer cannot be read: ${(cause as Error).message}`, cause);
}
