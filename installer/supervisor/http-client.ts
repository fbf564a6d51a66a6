import type { IncomingMessage } from "node:http";
import { DevflowError, type ErrorCode, errorCodes } from "../../components/error.ts";
import { type ApiError, apiPrefix } from "./api.ts";

// An import of it would bring Node's fetch along: 35 ms of every command.
const { request } = process.getBuiltinModule("node:http");

export interface CallOptions {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/**
 * One request to the supervisor; the answer's body is JSON.
 *
 * @throws DevflowError the supervisor's own, or SUPERVISOR_UNREACHABLE when it does not answer or hangs up.
 */
export async function call<Result>(socket: string, path: string, options: CallOptions = {}): Promise<Result> {
  const response = await open(socket, path, options);
  return JSON.parse(await text(response)) as Result;
}

/** The same for an answer that does not end: its chunks as they come, until the signal. */
export async function* stream(socket: string, path: string, signal?: AbortSignal): AsyncGenerator<string> {
  const response = await open(socket, path, { signal });
  response.setEncoding("utf8");
  try {
    for await (const chunk of response) yield chunk as string;
  } catch (error) {
    if (!signal?.aborted) throw unreachable(error);
  }
}

async function open(socket: string, path: string, options: CallOptions): Promise<IncomingMessage> {
  const response = await send(socket, path, options);
  if (response.statusCode === 200) return response;
  throw await refusal(response);
}

function send(socketPath: string, path: string, options: CallOptions): Promise<IncomingMessage> {
  const { method = "GET", body, signal } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, method, path: `${apiPrefix}${path}`, agent: false, ...(signal && { signal }) },
      resolve,
    );
    outgoing.on("error", (error) => reject(signal?.aborted ? signal.reason : unreachable(error)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function refusal(response: IncomingMessage): Promise<Error> {
  const { error } = JSON.parse(await text(response)) as ApiError;
  if (!(error.code in errorCodes)) return new Error(`${error.message} ${error.hint}`);
  return new DevflowError(error.code as ErrorCode, error.message, { hint: error.hint });
}

async function text(response: IncomingMessage): Promise<string> {
  try {
    return (await response.setEncoding("utf8").toArray()).join("");
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(cause: unknown): DevflowError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DevflowError("SUPERVISOR_UNREACHABLE", `The supervisor does not answer: ${reason}.`, {
    hint: "`./devflow up` starts it again; its processes go on meanwhile.",
    cause,
  });
}
