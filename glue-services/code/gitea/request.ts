import type { Static } from "typebox";
import { Type } from "typebox";
import type { gitHosting } from "../../kit/declare/resources.ts";
import { ApiError, readJson } from "../../kit/index.ts";

/** How to reach the platform's Gitea as the account that the stack keeps for itself. */
export type GiteaAccount = Static<typeof gitHosting>;

/** One request to Gitea's API. */
export interface Asked {
  /** @default "GET" */
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Each is one part of the path, whatever stands in it. @example ["repos", "ada", "vault"] */
  path: readonly (string | number)[];
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  body?: object;
  signal: AbortSignal;
  /** Bytes of the answer. @default 8 MiB */
  most?: number;
}

export interface Told {
  status: number;
  /** Message of a refusal, else undefined. */
  refusal: string | undefined;
  text: string;
  /** Of a list: how many there are on all pages. */
  total: number | undefined;
}

const time = 30_000;

/**
 * Asks Gitea. Redirects are not followed: they would carry what proves who we are to wherever they lead.
 *
 * @param authorization header; undefined asks as nobody
 * @throws ApiError UNAVAILABLE, TOO_LARGE, INVALID for a path that would leave its place
 */
export async function giteaRequest(
  { url }: Pick<GiteaAccount, "url">,
  authorization: string | undefined,
  { method = "GET", path, query = {}, body, signal, most = 8 * 1024 * 1024 }: Asked,
): Promise<Told> {
  const address = new URL(`${url}/api/v1/${path.map(segment).join("/")}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(name, `${value}`);
  const answer = await fetch(address, {
    method,
    redirect: "manual",
    headers: {
      ...(authorization && { authorization }),
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(time)]),
  }).catch((error: unknown) => {
    throw signal.aborted ? error : away(error);
  });
  const text = await bounded(answer, most, signal);
  const total = Number(answer.headers.get("x-total-count") ?? Number.NaN);
  return {
    status: answer.status,
    refusal: answer.ok ? undefined : messageOf(text),
    text,
    total: Number.isNaN(total) ? undefined : total,
  };
}

/** The URL's own rules would take `..`, also when it is encoded, for the folder above. */
function segment(part: string | number): string {
  const text = String(part);
  if (text === "" || text === "." || text === ".." || text.includes("\0")) {
    throw new ApiError("INVALID", "A path must have no empty part, and neither . nor .. in it.");
  }
  return encodeURIComponent(text);
}

async function bounded(answer: Response, most: number, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of answer.body ?? []) {
      length += part.length;
      if (length > most) throw new ApiError("TOO_LARGE", `That is more than ${Math.round(most / 1024 / 1024)} MiB.`);
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof ApiError || signal.aborted ? error : away(error);
  }
  return Buffer.concat(parts).toString("utf8");
}

function away(cause: unknown): ApiError {
  return new ApiError("UNAVAILABLE", "Gitea does not answer.", { cause });
}

function messageOf(text: string): string {
  return readJson(Refusal, text)?.message.slice(0, 300) ?? "";
}

const Refusal = Type.Object({ message: Type.String() });
