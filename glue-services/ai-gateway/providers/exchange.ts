import type { IncomingHttpHeaders } from "node:http";
import type { Pool } from "undici";
import { type Decoding, decodingOf } from "./decoding.ts";

/** A request as a provider gets it. */
export interface Outgoing {
  /** Below the provider's origin. */
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** Milliseconds: until the status, between two pieces of an answer, and over all. */
export interface Patience {
  firstByteMs: number;
  stallMs: number;
  totalMs: number;
}

/** What is told of an answer; after `end` or `failed` nothing more. */
export interface Listener {
  start(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(error: ProviderFailure): void;
}

export interface Exchange {
  /** Ends it; nothing more is told. */
  abort(): void;
  pause(): void;
  resume(): void;
}

/** A provider could not be reached, or stopped in the middle. */
export class ProviderFailure extends Error {
  /** unread: the client did not take in time what the provider sent, which is no fault of the provider. */
  readonly reason: "unreachable" | "cut" | "late" | "stalled" | "unread";

  constructor(reason: ProviderFailure["reason"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ProviderFailure";
    this.reason = reason;
  }
}

interface Controller {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Servers may compress for whoever does not say this (RFC 9110, 12.5.3); some do all the same (decoding.ts). */
const plain = { "accept-encoding": "identity" };

/** Sends a request and tells the listener of the answer as it comes: no streams in between, which cost more than all else. */
export function exchange(pool: Pool, outgoing: Outgoing, patience: Patience, listener: Listener): Exchange {
  let controller: Controller | undefined;
  let decoding: Decoding | undefined;
  let over = false;
  let status = 0;
  let timer = setTimeout(() => stop("late", "sent nothing in time"), patience.firstByteMs);
  // Looked at whenever something comes; when nothing does, the timer ends it first. While it is paused nothing comes.
  const until = performance.now() + patience.totalMs;

  pool.dispatch(
    { method: "POST", path: outgoing.path, headers: { ...outgoing.headers, ...plain }, body: outgoing.body },
    {
      onRequestStart(one) {
        controller = one;
        if (over) one.abort(new Error("no longer wanted"));
      },
      onResponseStart(one, code, headers) {
        if (over || code < 200) return;
        controller = one;
        status = code;
        clearTimeout(timer);
        timer = setTimeout(() => stop("stalled", "sent nothing more"), patience.stallMs);
        listener.start(code, headers);
        decoding = decodingOf(headers["content-encoding"], {
          data: (chunk) => !over && listener.data(chunk),
          end: ended,
          failed: (error) => broken(new ProviderFailure("cut", error.message, error)),
        });
      },
      onResponseData(_one, chunk) {
        if (over) return;
        if (performance.now() > until) return stop("late", "took too long");
        timer.refresh();
        if (decoding) decoding.write(chunk);
        else listener.data(chunk);
      },
      onResponseEnd() {
        if (!decoding) return ended();
        // What waits in the decoder still comes; the provider has sent all.
        if (!over) decoding.end();
      },
      onResponseError(_one, error) {
        const reason = status === 0 ? "unreachable" : "cut";
        if (finish()) listener.failed(new ProviderFailure(reason, error.message, error));
      },
    },
  );

  return {
    abort() {
      if (finish()) controller?.abort(new Error("no longer wanted"));
    },
    pause() {
      if (over) return;
      clearTimeout(timer);
      timer = setTimeout(() => stop("unread", "was not read to its end in time"), until - performance.now());
      decoding?.pause();
      controller?.pause();
    },
    resume() {
      if (over) return;
      // A timer that was cleared cannot be refreshed.
      clearTimeout(timer);
      timer = setTimeout(() => stop("stalled", "sent nothing more"), patience.stallMs);
      decoding?.resume();
      controller?.resume();
    },
  };

  function ended(): void {
    if (finish()) listener.end();
  }

  function broken(error: ProviderFailure): void {
    if (!finish()) return;
    controller?.abort(error);
    listener.failed(error);
  }

  function stop(reason: ProviderFailure["reason"], message: string): void {
    broken(new ProviderFailure(reason, message));
  }

  function finish(): boolean {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    decoding?.stop();
    return true;
  }
}
