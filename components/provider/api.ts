import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { open, Reach } from "./reach/index.ts";

/** A program's HTTP API, as other workloads would reach it, and the way there. */
export const Api = Type.Object({
  /** `http://host:port`, without a path. */
  url: Type.String({ pattern: "^https?://[^/\\s]+$" }),
  reach: Type.Optional(Reach),
  /** Component whose logs say more when it refuses. */
  component: Type.String(),
});
export type Api = Type.Static<typeof Api>;

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Value of the header `Authorization`. */
  authorization?: string;
  /** Sent as JSON; bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Answers besides the successful ones that the caller knows what to do with. @default [] */
  expected?: number[];
  /** Milliseconds. @default 30000 */
  timeout?: number;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  ok: boolean;
  /** Parsed where it is JSON, else its text. */
  body: unknown;
  headers: Headers;
}

/**
 * Asks a program of the stack.
 * @param what for the error: "make the webhook"
 * @throws DevflowError COMPONENT_FAILED for a refusal that is not expected, or when it cannot be reached
 */
export async function ask(api: Api, path: string, what: string, call: Call = {}): Promise<Answer> {
  const { method = "GET", authorization, body, headers = {}, expected = [], timeout = 30_000 } = call;
  const limit = AbortSignal.timeout(timeout);
  const signal = call.signal ? AbortSignal.any([limit, call.signal]) : limit;
  const there = new URL(api.url);
  const standard = there.protocol === "https:" ? 443 : 80;
  await using way = await open(api.reach, { host: there.hostname, port: Number(there.port || standard) }, signal);
  const raw = body instanceof Uint8Array;
  const answer = await fetch(`${there.protocol}//${way.host}:${way.port}${path}`, {
    method,
    redirect: "manual",
    headers: {
      // A program may answer to its own name only.
      host: there.host,
      accept: "application/json",
      ...(authorization && { authorization }),
      ...(body !== undefined && !raw && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? (body as BodyInit) : JSON.stringify(body) }),
    signal,
  }).catch((cause: unknown) => {
    throw failed(api, what, reasonOf(cause), cause);
  });
  const text = await answer.text();
  const read = { status: answer.status, ok: answer.ok, body: parsed(text), headers: answer.headers };
  if (!answer.ok && !expected.includes(answer.status))
    throw failed(api, what, `HTTP ${answer.status} ${text.slice(0, 300)}`);
  return read;
}

/** Whether something is there; a program that cannot be asked says nothing about it, so what was there still counts. */
export async function isThere(api: Api, path: string, call: Call = {}): Promise<boolean> {
  try {
    const { status } = await ask(api, path, "look", { ...call, expected: [404] });
    return status !== 404;
  } catch (error) {
    if (error instanceof DevflowError) return true;
    throw error;
  }
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(cause: unknown): string {
  const { message, cause: inner } = cause as Error;
  return inner instanceof Error ? inner.message : message;
}

function failed({ component }: Api, what: string, why: string, cause?: unknown): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `Could not ${what} in ${component}: ${why}`, {
    hint: `See \`./devflow logs ${component}\`, then run \`./devflow up\` again, which resumes.`,
    cause,
  });
}
