import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { DevflowError } from "../../components/error.ts";
import { homePaths } from "../../components/provider/paths.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import { atomicWrite } from "../atomic-write.ts";
import { withFileLock } from "../file-lock.ts";

/** A platform elsewhere that this machine is signed in to, by a personal key. */
export const Context = Type.Object({
  /** Address under which people reach it, without a slash at the end. */
  url: Type.String({ pattern: "^https?://" }),
  key: Type.String({ minLength: 1 }),
  /** The key's id there, by which it is ended. */
  id: Type.String(),
  person: Type.Object({ name: Type.String(), email: Type.String() }),
  organisation: Type.Object({ name: Type.String(), slug: Type.String() }),
  scopes: Type.Array(Type.String()),
  expiresAt: Type.String(),
});
export type Context = Static<typeof Context>;

const File = Type.Object({
  /** The one that commands use; without it they use the stack of the answers file. */
  current: Type.Optional(Type.String()),
  contexts: Type.Record(Type.String(), Context),
});
export type Contexts = Static<typeof File>;

/** Names of contexts; `local` is no context but the stack of the answers file. */
export const contextName = "^[a-z0-9][a-z0-9.-]{0,62}$";
export const noContext = "local";

export function contextsFile(env: NodeJS.ProcessEnv): string {
  return join(homePaths(env).home, "contexts.json");
}

/** @throws DevflowError CONFIG_INVALID for a file that cannot be understood; it is left as it is */
export async function readContexts(env: NodeJS.ProcessEnv): Promise<Contexts> {
  const file = contextsFile(env);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw unreadable(file, error);
  });
  if (text === undefined) return { contexts: {} };
  try {
    const read: unknown = JSON.parse(text);
    if (Value.Check(File, read)) return read;
    const [first] = Value.Errors(File, read);
    throw new Error(`${first?.instancePath || "/"} ${first?.message}`);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Changes the file under a lock, so that two commands at once lose nothing. It holds keys, so only its owner reads it. */
export async function changeContexts(
  env: NodeJS.ProcessEnv,
  change: (contexts: Contexts) => Contexts | undefined,
): Promise<Contexts> {
  const file = contextsFile(env);
  return withFileLock(file, async () => {
    const before = await readContexts(env);
    const after = change(before);
    if (after === undefined) return before;
    await atomicWrite(file, `${JSON.stringify(after, null, 2)}\n`);
    return after;
  });
}

/** @throws DevflowError NOT_FOUND */
export function contextNamed({ contexts }: Contexts, name: string): Context {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found) return found;
  const known = Object.keys(contexts);
  const near = nearest(name, known);
  throw new DevflowError("NOT_FOUND", `This machine is signed in to no platform called ${name}.`, {
    hint: `${near ? `Did you mean ${near}? ` : ""}There are: ${known.join(", ") || "none yet"}. \`./devflow login ADDRESS\` adds one.`,
    docs: "command-line",
  });
}

function unreadable(file: string, cause: unknown): DevflowError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DevflowError("CONFIG_INVALID", `${file} cannot be understood: ${why}.`, {
    hint: "Correct it, or move it away and sign in again with `./devflow login ADDRESS`.",
    docs: "command-line",
    cause,
  });
}
