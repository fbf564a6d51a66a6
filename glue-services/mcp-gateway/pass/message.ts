import { ApiError } from "../../kit/index.ts";

/** A message of JSON-RPC as far as the gateway looks into it. */
export interface Message {
  id?: string | number | null;
  method?: string;
  params?: { name?: unknown; uri?: unknown; arguments?: unknown; _meta?: Record<string, unknown> };
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** A body as it was sent: one message, or a list of them. @throws ApiError INVALID when it is neither */
export function parseBody(body: unknown): Message | Message[] {
  if (!Buffer.isBuffer(body) || body.length === 0) throw malformed("The body is empty.");
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    throw malformed("The body is not JSON.");
  }
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  if (messages.length === 0 || messages.length > 100 || !messages.every(isMessage)) {
    throw malformed("The body is not a message of JSON-RPC 2.0.");
  }
  return parsed as Message | Message[];
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
