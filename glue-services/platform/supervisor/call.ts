import { type IncomingMessage, request } from "node:http";
import { Type } from "typebox";
import { ApiError, readJson } from "../../kit/index.ts";

/** Milliseconds until the supervisor must have begun to answer. */
const timeout = 5000;

/**
 * Asks the supervisor over its socket and answers the open response; the caller reads or destroys it.
 * @throws ApiError UNAVAILABLE when it is not there, NOT_FOUND and CONFLICT as it says, with its own words.
 */
export async function callSupervisor(
  socketPath: string | undefined,
  method: "GET" | "POST",
  path: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  if (!socketPath) throw away("This host was not told where the supervisor is.");
  const answer = await open(socketPath, method, path, signal);
  if (answer.statusCode === 200) return answer;
  const { message, hint } = told(await text(answer));
  if (answer.statusCode === 404) throw new ApiError("NOT_FOUND", message ?? "The supervisor does not know it.", hint);
  if (answer.statusCode === 409) throw new ApiError("CONFLICT", message ?? "The supervisor refused.", hint);
  throw new ApiError("UNAVAILABLE", message ?? `The supervisor answered ${answer.statusCode}.`, hint);
}

/** The whole body. */
export async function text(answer: IncomingMessage): Promise<string> {
  answer.setEncoding("utf8");
  let body = "";
  for await (const part of answer) body += part;
  return body;
}

function open(
  socketPath: string,
  method: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, agent: false, ...(signal && { signal }) }, (answer) => {
      call.setTimeout(0);
      resolve(answer);
    });
    call.setTimeout(timeout, () => call.destroy(away(`The supervisor did not answer within ${timeout} ms.`)));
    call.on("error", (error: NodeJS.ErrnoException) => {
      const gone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      reject(gone ? away("The supervisor is not running.") : error);
    });
    call.end();
  });
}

function away(message: string): ApiError {
  return new ApiError("UNAVAILABLE", message, { hint: "Start it again with `./devflow up`." });
}

function told(body: string): { message?: string; hint: { hint?: string } } {
  const { message, hint } = readJson(Refusal, body)?.error ?? {};
  return { ...(message && { message }), hint: hint ? { hint } : {} };
}

const Refusal = Type.Object({
  error: Type.Object({ message: Type.Optional(Type.String()), hint: Type.Optional(Type.String()) }),
});
