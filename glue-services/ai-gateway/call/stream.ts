import type { FastifyReply } from "fastify";
import type { Candidate } from "../routing/plan.ts";
import type { Sink } from "./attempt.ts";

/** An answer on its way to the client as a stream. */
export interface AnswerStream {
  sink: Sink;
  /** All of it so far; undefined when it was not to be kept, or is too long. */
  text(): string | undefined;
  /** Sends what was held, as it may be sent; does nothing when nothing was. */
  release(text: string): void;
}

/** Characters that are kept of a stream; one that is held must not become longer. */
const longest = 16 * 1024 * 1024;

/** @param use.hold nothing is sent before `release`; @param use.keep its text is asked for later */
export function openStream(
  reply: FastifyReply,
  candidate: Candidate,
  use: { hold: boolean; keep: boolean },
): AnswerStream {
  const { raw } = reply;
  let pieces: string[] | undefined = use.keep || use.hold ? [] : undefined;
  let length = 0;
  const open = () => {
    if (!raw.headersSent) sendHead(reply, { "x-devflow-model": candidate.id });
  };
  return {
    sink: {
      raw,
      open: use.hold ? () => {} : open,
      write(text) {
        if (pieces) keep(text);
        return use.hold || raw.write(text);
      },
    },
    text: () => pieces?.join(""),
    release(text) {
      if (!use.hold) return;
      open();
      raw.write(text);
    },
  };

  function keep(text: string): void {
    length += text.length;
    if (length > longest && use.hold) throw new Error("The answer is too long to be looked at as a whole.");
    if (length > longest) pieces = undefined;
    else pieces?.push(text);
  }
}

/** The head of a stream of events. */
export function sendHead(reply: FastifyReply, more: Record<string, string>): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    // A proxy in between must not wait for more.
    "x-accel-buffering": "no",
    "x-request-id": String(reply.getHeader("x-request-id") ?? ""),
    ...(reply.hasHeader("access-control-allow-origin") && { "access-control-allow-origin": "*" }),
    ...more,
  });
}
