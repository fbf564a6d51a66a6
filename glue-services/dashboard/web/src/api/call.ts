import type { ErrorAnswer } from "../../../../kit/error-handler.ts";
import { organisationHeaders } from "../organisation.ts";

/** An answer that is not a success, in the words of the API. */
export class Problem extends Error {
  readonly code: string;
  /** 0 when the platform could not be reached. */
  readonly status: number;
  readonly hint: string;
  readonly docs: string | undefined;
  readonly request: string | undefined;

  constructor(status: number, error: Partial<ErrorAnswer["error"]>) {
    super(error.message || "Something went wrong.");
    this.status = status;
    this.code = error.code ?? "UNKNOWN";
    this.hint = error.hint ?? "";
    this.docs = error.docs;
    this.request = error.request;
  }
}

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** Makes a PUT fail when there is one of the name already. */
  ifNew?: boolean;
  /** Another session takes the place of the one it is sent with. */
  replacesSession?: boolean;
  /** It is of the person: not of the organisation that the page is about, which they may not be in. */
  anyOrganisation?: boolean;
  signal?: AbortSignal;
}

/** Milliseconds after which an answer is no longer waited for. */
const patience = 20_000;

/** Requests under way that replace the session, and how many have. */
const replacing = new Set<Promise<unknown>>();
let replaced = 0;

/**
 * A request that was sent with a session which another one then replaced is sent again: that the former has ended says
 * nothing of the person.
 *
 * @throws Problem
 */
export async function call<Answer>(path: string, given: Call = {}): Promise<Answer> {
  if (given.replacesSession) return replaceSession(send<Answer>(path, given));
  const before = replaced;
  try {
    return await send<Answer>(path, given);
  } catch (error) {
    const overtaken = replacing.size > 0 || replaced > before;
    if (!overtaken || !(error instanceof Problem) || error.status !== 401) throw error;
    await Promise.allSettled(replacing);
    return send<Answer>(path, given);
  }
}

async function replaceSession<Answer>(request: Promise<Answer>): Promise<Answer> {
  replacing.add(request);
  try {
    return await request;
  } finally {
    replacing.delete(request);
    replaced++;
  }
}

async function send<Answer>(
  path: string,
  { method = "GET", body, ifNew, anyOrganisation, signal }: Call,
): Promise<Answer> {
  const signals = [AbortSignal.timeout(patience), ...(signal ? [signal] : [])];
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: "application/json",
        ...(!anyOrganisation && organisationHeaders()),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(ifNew && { "if-none-match": "*" }),
      },
      signal: AbortSignal.any(signals),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, {
      code: "UNREACHABLE",
      message: "The platform cannot be reached.",
      hint: "It may be restarting, or this machine may be offline. `./devflow status` says how it is.",
    });
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  throw new Problem(response.status, told(answer, response.status));
}

/** Our services answer `{error: …}`; the sign-in library answers `{code, message}`. */
function told(answer: unknown, status: number): Partial<ErrorAnswer["error"]> {
  if (typeof answer === "object" && answer !== null) {
    if ("error" in answer && typeof answer.error === "object") return answer.error as ErrorAnswer["error"];
    if ("message" in answer) return answer as Partial<ErrorAnswer["error"]>;
  }
  if (status >= 502) return { code: "UNAVAILABLE", message: "The platform does not answer at the moment." };
  return { message: `The platform answered ${status}.` };
}
