import type { Candidate } from "../routing/plan.ts";
import { type Ends, isEventStream, judged, wholeBetween } from "../translate/between.ts";
import { wantsSignatures, withSignatures } from "../translate/google-signature.ts";
import { type Habit, habitsOf } from "../translate/habits.ts";
import { withoutOwnReasoning } from "../translate/own-marks.ts";
import { sameApi } from "../translate/translate.ts";
import type { Tokens } from "../usage/usage.ts";
import { withoutMark } from "./events.ts";
import { renameInForm } from "./form.ts";
import {
  type ChatUsage,
  chatReading,
  chatTokens,
  isDone,
  type MessagesUsage,
  messagesReading,
  messagesTokens,
  type Reading,
  type ResponsesUsage,
  responsesReading,
  responsesTokens,
  scanStream,
} from "./scan.ts";
import type { Asked, Body, Flow, Shape, Surface, Whole } from "./shape.ts";

/** For a provider that speaks the client's API: bytes pass through, and the usage is read from them on the way. */
export function passThrough(asked: Asked, candidate: Candidate): Shape {
  const { surface, path } = asked;
  const { model } = candidate;
  return {
    path,
    body: rename(asked, candidate),
    headers: { "content-type": asked.contentType },
    whole(body) {
      const bytes = withoutMark(body);
      const ends = bytes[0] === 0x7b || !isEventStream(bytes) ? undefined : sameApi(asked, model);
      return ends ? wholeBetween(ends, bytes) : wholeOf(surface, asked, bytes);
    },
    flow() {
      const flow = flowFrom(surface, scanStream(readingOf(asked)));
      return surface === "completions" ? flow : judged(() => sameApi(asked, model) as Ends, flow);
    },
  };
}

/** Sends the body as it came when nothing in it changes. */
function rename(asked: Asked, candidate: Candidate): string | Buffer {
  const { surface, raw, stream } = asked;
  const { model } = candidate;
  if (asked.form) return renameInForm(raw, asked.contentType, model);
  const habits = habitsOf(candidate);
  const body =
    surface === "chat" ? spelled(forGoogle(asked.body, candidate), habits) : withoutOwnReasoning(asked.body, raw);
  const adds = surface === "chat" && stream && !wantsUsage(body) && !habits.has("no stream_options");
  // Some servers stream unless they are told not to.
  const whole = !stream && (surface === "chat" || surface === "messages") && body.stream !== false;
  if (body.model === model && !adds && !whole && body === asked.body && namesModelOnce(raw)) return raw;
  return JSON.stringify({
    ...body,
    model,
    ...(whole && { stream: false }),
    ...(adds && { stream_options: { ...(body.stream_options as object), include_usage: true } }),
  });
}

/** Many clients drop the signatures that Google's newer models want back at their calls. */
function forGoogle(body: Body, candidate: Candidate): Body {
  if (!wantsSignatures(candidate)) return body;
  const messages = withSignatures(body.messages);
  return messages === body.messages ? body : { ...body, messages };
}

/** The limit by the name that this model's server takes (habits.ts). */
function spelled(body: Body, habits: ReadonlySet<Habit>): Body {
  if (habits.size === 0) return body;
  for (const [to, from] of [
    ["max_completion_tokens", "max_tokens"],
    ["max_tokens", "max_completion_tokens"],
  ] as const) {
    if (!habits.has(to) || body[from] == null) continue;
    const { [from]: limit, ...rest } = body;
    return { ...rest, [to]: limit } as Body;
  }
  return body;
}

const [named, escapedLetter] = [Buffer.from('"model"'), Buffer.from("\\u006")];

/** Of two fields with one name servers take the first or the last: what is judged here must be what runs there. */
function namesModelOnce(raw: Buffer): boolean {
  return raw.indexOf(named) === raw.lastIndexOf(named) && !raw.includes(escapedLetter);
}

function wantsUsage({ stream_options: options }: Asked["body"]): boolean {
  return (options as { include_usage?: boolean } | undefined)?.include_usage === true;
}

function readingOf({ surface, body }: Asked): Reading {
  if (surface === "responses") return responsesReading;
  if (surface === "messages") return messagesReading;
  return chatReading(wantsUsage(body));
}

function flowFrom(surface: Surface, scan: ReturnType<typeof scanStream>): Flow {
  return {
    push: scan.push,
    rest: scan.rest,
    end: () => (surface === "chat" && !isDone(scan.last) ? "data: [DONE]\n\n" : ""),
    get started() {
      return scan.started;
    },
    get finished() {
      return scan.finished;
    },
    get error() {
      return scan.error;
    },
    get tokens() {
      return scan.tokens;
    },
    get pieces() {
      return scan.pieces;
    },
    get sequence() {
      return 1 + Number(/"sequence_number":\s*(\d+)/.exec(scan.last)?.[1] ?? -1);
    },
  };
}

function wholeOf(surface: Surface, asked: Asked, body: Buffer): Whole {
  if (surface === "audio" || surface === "images") return { body, tokens: usageIn(body, surface) };
  if (!looksWhole(body)) throw new Error("The answer is no JSON object.");
  const tokens = usageIn(body, surface);
  // Without usage it may be anything; then it is worth reading it whole.
  if (!tokens) JSON.parse(body.toString());
  if (surface === "embeddings") return { body: asEncoded(asked, body), tokens };
  return { body, tokens };
}

function looksWhole(body: Buffer): boolean {
  let end = body.length - 1;
  while (end > 0 && (body[end] as number) <= 32) end--;
  let start = 0;
  while (start < end && (body[start] as number) <= 32) start++;
  return body[start] === 0x7b && body[end] === 0x7d;
}

/**
 * The last object named `usage`: only that is parsed. Inside of a string the quotes before it would be escaped, so a
 * text about usage is not taken for it.
 */
export function usageIn(body: Buffer, surface: Surface): Tokens | undefined {
  const at = body.lastIndexOf('"usage"');
  if (at === -1 || body[at - 1] === 0x5c) return undefined;
  const from = body.indexOf(0x7b, at);
  if (from === -1 || from > at + 16) return undefined;
  let depth = 0;
  for (let i = from; i < body.length; i++) {
    if (body[i] === 0x7b) depth++;
    else if (body[i] === 0x7d && --depth === 0)
      return tokensOf(surface, JSON.parse(body.toString("utf8", from, i + 1)));
  }
  return undefined;
}

function tokensOf(surface: Surface, usage: object): Tokens {
  if (surface === "responses" || surface === "images" || surface === "audio") {
    return responsesTokens(usage as ResponsesUsage);
  }
  if (surface === "messages") return messagesTokens(usage as MessagesUsage, undefined);
  return chatTokens(usage as ChatUsage);
}

/**
 * Vectors in the encoding that was asked for: clients decode base64 blindly, and many servers answer numbers whatever
 * they were asked.
 */
function asEncoded({ body: question }: Asked, body: Buffer): Buffer | string {
  const wanted = question.encoding_format === "base64" ? "base64" : "float";
  const numbers = /"embedding"\s*:\s*\[/.test(body.toString("latin1", 0, Math.min(body.length, 4096)));
  if (numbers === (wanted === "float")) return body;
  const answer = JSON.parse(body.toString()) as { data?: { embedding: unknown }[] };
  for (const one of answer.data ?? []) one.embedding = encodeVector(one.embedding as number[] | string, wanted);
  return JSON.stringify(answer);
}

/** A vector as an array of numbers, or as base64 of 32-bit floats, little-endian. */
export function encodeVector(
  vector: readonly number[] | Float32Array | string,
  to: "base64" | "float",
): string | number[] {
  if (typeof vector === "string") {
    if (to === "base64") return vector;
    const bytes = Uint8Array.from(Buffer.from(vector, "base64"));
    return [...new Float32Array(bytes.buffer)];
  }
  if (to === "float") return Array.from(vector);
  const floats = vector instanceof Float32Array ? vector : Float32Array.from(vector);
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString("base64");
}
