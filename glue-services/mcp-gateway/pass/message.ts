import { ApiError } from "../../kit/index.ts";
import { ambiguityOf, folded } from "./ambiguous.ts";

/** A message of JSON-RPC as far as the gateway looks into it. */
export interface Message {
  id?: string | number | null;
  method?: string;
  params?: { name?: unknown; uri?: unknown; arguments?: unknown; _meta?: Record<string, unknown> };
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** What was read of a body, since several parts of the gateway look at it. */
const read = new WeakMap<Buffer, Message | Message[]>();

/**
 * A body as it was sent: one message, or a list of them. A body that servers could read otherwise than the gateway is
 * refused: with a key twice, or with one of the protocol's in other letters.
 *
 * @throws ApiError INVALID when it is neither
 */
export function parseBody(body: unknown): Message | Message[] {
  if (!Buffer.isBuffer(body) || body.length === 0) throw malformed("The body is empty.");
  const known = read.get(body);
  if (known) return known;
  const message = parseText(body.toString("utf8"));
  read.set(body, message);
  return message;
}

function parseText(text: string): Message | Message[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw malformed("The body is not JSON.");
  }
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  if (messages.length === 0 || messages.length > 100 || !messages.every(isMessage)) {
    throw malformed("The body is not a message of JSON-RPC 2.0.");
  }
  const ambiguity = ambiguityOf(text);
  if (ambiguity) throw malformed(ambiguity);
  for (const message of messages) checkLetters(message);
  return parsed as Message | Message[];
}

/** Keys that decide what a message does, of the message itself and of its `params`. */
const decisive = {
  message: new Set(["jsonrpc", "id", "method", "params", "result", "error"]),
  params: new Set(["name", "uri", "arguments", "_meta", "ref", "argument", "cursor", "requeststate", "inputresponses"]),
};
const written: Record<string, string> = { requeststate: "requestState", inputresponses: "inputResponses" };

/** @throws ApiError INVALID for a key that some parsers take for one of the protocol's */
function checkLetters(message: Message): void {
  check(message, decisive.message);
  if (message.params) check(message.params, decisive.params);
  if (message.method === "tools/call" && typeof message.params?.name !== "string") {
    throw malformed("A call names its tool in params.name.");
  }

  function check(object: object, names: ReadonlySet<string>): void {
    for (const key of Object.keys(object)) {
      const plain = folded(key);
      const right = written[plain] ?? plain;
      if (names.has(plain) && key !== right) throw malformed(`The key ${key.slice(0, 100)} is written ${right}.`);
    }
  }
}

/** The body that a server gets: what was judged, written anew, so that it reads nothing else in it. */
export function bodyOf(body: unknown): string {
  return JSON.stringify(parseBody(body));
}

/** The messages of a body. @throws ApiError INVALID */
export function messagesOf(body: unknown): Message[] {
  return [parseBody(body)].flat();
}

/** What a question is about: the tool, prompt or address. */
export function targetOf({ params }: Message): string | undefined {
  const target = params?.name ?? params?.uri;
  return typeof target === "string" ? target : undefined;
}

export function argumentsOf({ params }: Message): Record<string, unknown> {
  const given = params?.arguments;
  return typeof given === "object" && given !== null && !Array.isArray(given) ? (given as Record<string, unknown>) : {};
}

/** What an agent reads when a call was not carried out; it is an answer and no failure of the connection. */
export function refusal(id: Message["id"], text: string, reason: string): object {
  const result = {
    content: [{ type: "text", text }],
    isError: true,
    resultType: "complete",
    _meta: { "devflow/reason": reason },
  };
  return { jsonrpc: "2.0", id: id ?? null, result };
}

export function failure(id: Message["id"], code: number, message: string): object {
  return { jsonrpc: "2.0", id: id ?? null, error: { code, message } };
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, params } = value as Record<string, unknown>;
  return (
    jsonrpc === "2.0" &&
    (method === undefined || typeof method === "string") &&
    (params === undefined || (typeof params === "object" && params !== null))
  );
}

function malformed(message: string): ApiError {
  return new ApiError("INVALID", message, { hint: "Send what an MCP client sends.", docs: "mcp" });
}
