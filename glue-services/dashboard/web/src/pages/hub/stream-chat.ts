import { Problem } from "../../api/call.ts";
import { organisationHeaders } from "../../organisation.ts";

/** What is known of an answer when it is whole. */
export interface Told {
  model: string;
  firstMs: number;
  ms: number;
  usage?: { prompt_tokens: number; completion_tokens: number } | undefined;
  cache?: string | undefined;
}

interface Chunk {
  choices?: { delta?: { content?: string | null } }[];
  usage?: Told["usage"] | null;
  error?: { message: string; code?: string };
}

/**
 * Asks a model and tells of its answer as it comes.
 *
 * @throws Problem for a refusal, and for a stream that was cut
 */
export async function streamChat(
  question: { model: string; messages: object[] },
  signal: AbortSignal,
  heard: (text: string, told?: Told) => void,
): Promise<void> {
  const began = performance.now();
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", ...organisationHeaders() },
    body: JSON.stringify({ ...question, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.ok || !response.body) {
    const said = (await response.json().catch(() => ({}))) as { error?: { message?: string; code?: string } };
    throw new Problem(response.status, {
      code: said.error?.code ?? "",
      message: said.error?.message ?? `The gateway answered ${response.status}.`,
      hint: "",
    });
  }
  let text = "";
  let firstMs: number | undefined;
  let usage: Told["usage"];
  for await (const { choices, usage: counted, error } of chunksOf(response.body)) {
    if (error) throw new Problem(502, { code: error.code ?? "", message: error.message, hint: "Ask again." });
    const piece = choices?.[0]?.delta?.content ?? "";
    usage = counted ?? usage;
    if (piece === "") continue;
    firstMs ??= Math.round(performance.now() - began);
    text += piece;
    heard(text);
  }
  const ms = Math.round(performance.now() - began);
  const { headers } = response;
  heard(text, {
    model: headers.get("x-devflow-model") ?? question.model,
    firstMs: firstMs ?? ms,
    ms,
    usage,
    cache: headers.get("x-devflow-cache") ?? undefined,
  });
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Chunk> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const events = (pending + decoder.decode(piece.value, { stream: true })).split("\n\n");
    pending = events.pop() ?? "";
    for (const event of events) if (event.startsWith("data: {")) yield JSON.parse(event.slice(6));
  }
}
