import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { DevflowError, type ErrorCode } from "../components/error.ts";
import type { Io } from "./commands/command.ts";
import { type ContextOptions, chosenContext } from "./contexts/choose.ts";
import { ownersKey } from "./identity.ts";
import { peopleOf, publicAddress } from "./people-of.ts";
import { livingPorts } from "./run/living-ports.ts";
import { unreadable } from "./secrets/value.ts";
import { readStack } from "./stack.ts";

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** The platform's own interface, as a person with an API key reaches it. */
export interface PlatformApi {
  /** Where people and programs reach it, without a slash at the end. */
  publicUrl: string;
  /** @throws DevflowError with the platform's own message and hint */
  call<Answer>(method: Method, path: string, body?: object): Promise<Answer>;
  /** Sends a body and answers the response while it comes. @throws DevflowError as `call` */
  send(path: string, body: object, signal: AbortSignal): Promise<Response>;
  /** Sends a file as it is. @throws DevflowError as `call` */
  upload<Answer>(path: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Answer>;
}

/** What is asked, for messages: which keys fit, and where that is described. */
export interface Purpose {
  /** As in: "Virtual keys need an API key …". */
  needs: string;
  scopes: string;
  docs: string;
}

/**
 * The platform that this machine is signed in to (contexts/choose.ts), else that of the stack that is named: a local one
 * on this machine, any other by its public address. On its own machine a local stack needs no key: whoever may read its
 * database's password owns it.
 *
 * @param options.keyFile file of an API key; else DEVFLOW_API_KEY. It is sent to that address only.
 * @throws DevflowError USAGE without a key
 */
export async function platformApi(io: Io, options: ContextOptions, purpose: Purpose): Promise<PlatformApi> {
  const context = await chosenContext(io.env, options);
  if (context) {
    const { url, name } = context;
    const key = (await keyOf(io, options.keyFile)) ?? context.key;
    return openApi({
      url,
      key,
      docs: purpose.docs,
      ended: `\`./devflow login ${url} --name ${name}\` signs in again.`,
    });
  }
  const { settings, paths, host } = await readStack(io, options);
  const given = await keyOf(io, options.keyFile);
  if (settings.stack.kind !== "local") {
    if (given === undefined) throw keyNeeded(purpose);
    return openApi({ url: publicAddress(settings.network), key: given, docs: purpose.docs });
  }
  const url = `http://127.0.0.1:${livingPorts(paths, settings).platform}`;
  const people = peopleOf({ settings, host });
  const key = given ?? (await ownersKey(people));
  if (key === undefined) throw nobodyYet(purpose);
  return { ...openApi({ url, key, docs: purpose.docs }), publicUrl: people.publicUrl };
}

function keyNeeded({ needs, scopes, docs }: Purpose): DevflowError {
  return new DevflowError("USAGE", `${needs} need an API key of the organisation.`, {
    hint: `Sign in with \`./devflow login ADDRESS\`; or make a key in the dashboard with the scopes ${scopes}, and give its file as --key-file or itself in DEVFLOW_API_KEY.`,
    docs,
  });
}

/** On its own machine a stack needs no key, but a person in whose name things are done. */
function nobodyYet({ docs }: Purpose): DevflowError {
  return new DevflowError("USAGE", "Nobody has an account on this platform yet.", {
    hint: "`./devflow users invite-link` makes the link to the first one; then run this again.",
    docs,
  });
}

/** The key of `--key-file`, or of DEVFLOW_API_KEY; undefined without either. */
export async function keyOf(io: Pick<Io, "env" | "cwd">, keyFile: string | undefined): Promise<string | undefined> {
  const file = keyFile && resolve(io.cwd, keyFile);
  const read = file && (await readFile(file, "utf8").catch((error) => Promise.reject(unreadable(file, error))));
  return (read || io.env.DEVFLOW_API_KEY || "").trim() || undefined;
}

/** Where and as whom a platform is called. */
export interface Access {
  url: string;
  /** @default nobody: public routes only */
  key?: string;
  /** Page of docs/ for what it refuses. */
  docs: string;
  /** What to do when the key opens nothing any more. */
  ended?: string;
}

export function openApi({ url, key, docs, ended }: Access): PlatformApi {
  const ask = async (method: string, path: string, body: object | undefined, signal: AbortSignal) => {
    const file = body instanceof Uint8Array;
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body && { "content-type": file ? "application/octet-stream" : "application/json" }),
      },
      ...(body && { body: file ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
      signal,
    }).catch((cause: unknown) => {
      if (signal.reason instanceof Error && signal.reason.message === "interrupted") throw signal.reason;
      throw unanswered(url, cause);
    });
    if (answer.ok) return answer;
    const refusal = refused(await answer.text(), answer.status, docs);
    if (answer.status !== 401 || ended === undefined) throw refusal;
    throw new DevflowError("USAGE", `The sign-in at ${url} has ended.`, { hint: ended, docs: "command-line" });
  };
  return {
    publicUrl: url,
    async call(method, path, body) {
      const answer = await ask(method, path, body, AbortSignal.timeout(30_000));
      const text = await answer.text();
      return text === "" ? undefined : JSON.parse(text);
    },
    send: (path, body, signal) => ask("POST", path, body, signal),
    upload: async (path, body, signal) => (await ask("PUT", path, body, signal)).json() as never,
  };
}

function unanswered(url: string, cause: unknown): DevflowError {
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(
    String((cause as { cause?: { code?: string } }).cause?.code),
  );
  return new DevflowError("NOT_RUNNING", `The platform does not answer at ${url}.`, {
    hint: untrusted
      ? "Its certificate is not trusted here. Give the authority's certificate: NODE_EXTRA_CA_CERTS=/path/root.crt"
      : "`./devflow up` starts it; `./devflow status` says how it is.",
    cause,
  });
}

const codes: Record<string, ErrorCode> = {
  NOT_FOUND: "NOT_FOUND",
  UNAVAILABLE: "COMMAND_FAILED",
  INTERNAL: "COMMAND_FAILED",
};

function refused(text: string, status: number, docs: string): DevflowError {
  const { code, message, hint } = said(text, status);
  // A model's provider that fails is no mistake in how the command was written.
  const failed = status >= 500 ? "COMMAND_FAILED" : "USAGE";
  return new DevflowError(codes[code] ?? failed, message, { hint, docs });
}

function said(text: string, status: number): { code: string; message: string; hint: string } {
  const otherwise = { code: "INTERNAL", message: `HTTP ${status}`, hint: "See `./devflow logs platform`." };
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string; hint?: string } };
    return error?.message ? { code: String(error.code), message: error.message, hint: error.hint ?? "" } : otherwise;
  } catch {
    return otherwise;
  }
}
