import { setTimeout as pause } from "node:timers/promises";
import type { TSchema } from "typebox";
import { type Dispatcher, request } from "undici";
import { ApiError, isApiErrorCode } from "../api-error.ts";
import { currentOrigin } from "../audit/current.ts";
import { payloadCheck } from "../compilers.ts";
import { ErrorAnswer } from "../error-handler.ts";
import { traceparent } from "../tracing/span.ts";
import type { Call } from "./contract.ts";
import { originOf } from "./origin.ts";
import { signCall } from "./token.ts";

/** Below this, a host answers what others call of its services: `/internal/calls/<service>/<call>`. */
export const callsPath = "/internal/calls";
/** Milliseconds that the caller still waits. */
export const deadlineHeader = "x-devflow-deadline";
/**
 * Names the call in whatever a service answers. What comes without it is no word of the service: a host that was started
 * anew with other keys, one of another version, or another program.
 */
export const answeredHeader = "x-devflow-call";

/** Milliseconds before an idempotent call is asked again, each time. */
const pauses = [50, 250];

const isErrorAnswer = payloadCheck(ErrorAnswer);

export interface Peer {
  /** Address of the host that runs the service. */
  origin: string;
  keys: readonly Buffer[];
  dispatcher: Dispatcher;
}

export interface RemoteCall {
  /** `knowledge.search` */
  name: string;
  /** Path below `callsPath`: `knowledge/search` */
  path: string;
  call: Call;
  checksOutput: (output: unknown) => boolean;
  input: unknown;
  signal: AbortSignal;
  /** When the caller stops waiting, in milliseconds since 1970. */
  until: number;
}

/**
 * Asks a service of another host.
 *
 * @throws ApiError as that service throws it, or UNAVAILABLE when its host cannot be reached
 */
export async function callRemote(peer: Peer, asked: RemoteCall): Promise<unknown> {
  const body = JSON.stringify({ input: asked.input, origin: originOf(currentOrigin()) });
  for (let tried = 0; ; tried++) {
    const outcome = await ask(peer, asked, body);
    if (outcome.kind === "answer") return readOutput(asked, outcome.output);
    if (outcome.kind === "refused") throw outcome.error;
    const wait = asked.call.idempotent ? pauses[tried] : undefined;
    if (wait === undefined) throw unreachable(asked.name, outcome.cause);
    // Not all at once, where many wait for the same host.
    await pause(wait * (0.5 + Math.random()), undefined, { signal: asked.signal });
  }
}

type Outcome =
  | { kind: "answer"; output: unknown }
  /** The service has answered, and says no. */
  | { kind: "refused"; error: ApiError }
  /** Nobody has answered: the host is being started, or gone. */
  | { kind: "unreachable"; cause: unknown };

async function ask(peer: Peer, { name, path, signal, until }: RemoteCall, body: string): Promise<Outcome> {
  const parent = traceparent();
  try {
    const answer = await request(`${peer.origin}${callsPath}/${path}`, {
      method: "POST",
      dispatcher: peer.dispatcher,
      signal,
      headers: {
        authorization: `Bearer ${signCall(peer.keys, name, body)}`,
        "content-type": "application/json",
        [deadlineHeader]: String(Math.max(1, until - Date.now())),
        ...(parent !== null && { traceparent: parent }),
      },
      body,
    });
    if (answer.headers[answeredHeader] !== name) {
      await answer.body.dump();
      return {
        kind: "refused",
        error: unreachable(name, new Error(`status ${answer.statusCode}, not of the service`)),
      };
    }
    const told: unknown = await answer.body.json();
    if (answer.statusCode === 200) return { kind: "answer", output: told };
    return { kind: "refused", error: errorOf(name, answer.statusCode, told) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return { kind: "unreachable", cause: error };
  }
}

function readOutput({ name, checksOutput }: RemoteCall, told: unknown): unknown {
  const output = typeof told === "object" && told !== null && "output" in told ? told.output : undefined;
  if (!checksOutput(output)) throw new Error(`${name} answered with something else than its contract says.`);
  return output;
}

/** The error as the service threw it: its code, words and hint are for whoever asked at first. */
function errorOf(name: string, status: number, told: unknown): ApiError {
  if (!isErrorAnswer(told)) return unreachable(name, new Error(`status ${status}`));
  const { code, message, hint, docs } = (told as ErrorAnswer).error;
  if (!isApiErrorCode(code)) return unreachable(name, new Error(`status ${status}, code ${code}`));
  return new ApiError(code, message, { hint, docs: docs.replace(/^\/docs\//, "") });
}

function unreachable(name: string, cause: unknown): ApiError {
  const [service] = name.split(".");
  return new ApiError("UNAVAILABLE", `The service ${service} cannot be reached right now.`, { cause });
}

/** What a contract's answers are checked by; compiled when the first one comes. */
export function checkOf(schema: TSchema): (value: unknown) => boolean {
  let check: ((value: unknown) => boolean) | undefined;
  return (value) => {
    check ??= payloadCheck(schema);
    return check(value);
  };
}
