import type { ServerResponse } from "node:http";
import type { Surface } from "../wire/shape.ts";

/**
 * Ends a stream that was cut: with an error in the client's API, and without what ends a good one, so that half an answer
 * is never taken for a whole one.
 */
export function endCut(raw: ServerResponse, surface: Surface, model: string, error: Error, sequence = 0): void {
  const message = `${model} stopped in the middle of its answer: ${error.message}`;
  raw.end(cutEvent(surface, message, sequence));
}

/** @param sequence_number of the event, in the API that numbers them */
export function cutEvent(surface: Surface, message: string, sequence_number = 0): string {
  if (surface === "messages") {
    return `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "api_error", message } })}\n\n`;
  }
  if (surface === "responses") {
    const event = { type: "error", code: "server_error", message, param: null, sequence_number };
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
  }
  return `data: ${JSON.stringify({ error: { message, type: "api_error", code: "stream_cut", param: null } })}\n\n`;
}
