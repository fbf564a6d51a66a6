import type { Backend } from "./backend.ts";
import { envFile, readPrivate } from "./env-file.ts";
import { onepassword } from "./open.ts";
import { isReference, parseReference } from "./reference.ts";

/** Reads references of every kind, and remembers what they gave for a short time, in memory only. */
export interface Resolver {
  /** @throws Unresolvable */
  resolve(reference: string, signal?: AbortSignal): Promise<string>;
  /** Forgets what it remembers, or one reference. */
  forget(reference?: string): void;
}

export interface ResolverOptions {
  /** The platform's `.env` file: values of `env:NAME`, and how to reach 1Password. */
  file: string;
  /** Backend of `op://`. @default what the file says, else the program `op` */
  onepassword?: Backend;
  /** Milliseconds a value is remembered. @default 30000 */
  fresh?: number;
}

/** Values remembered at most. */
const most = 1000;

export function resolver({ file, onepassword: given, fresh = 30_000 }: ResolverOptions): Resolver {
  const known = new Map<string, { at: number; value: Promise<string> }>();
  const backend = new Map<string, Backend>();
  return {
    resolve(reference, signal) {
      const found = known.get(reference);
      if (found && performance.now() - found.at < fresh) return found.value;
      if (known.size >= most) known.clear();
      // Whoever asks second waits for the same answer, so it must not end when the first one stops waiting.
      const entry = { at: performance.now(), value: read(reference) };
      known.set(reference, entry);
      entry.value.catch(() => known.get(reference) === entry && known.delete(reference));
      return untilAborted(entry.value, signal);
    },
    forget(reference) {
      if (reference === undefined) known.clear();
      else known.delete(reference);
    },
  };

  async function read(reference: string): Promise<string> {
    if (parseReference(reference).scheme === "op") return (await opBackend(reference)).read(reference);
    const value = await envFile(file).read(reference);
    // An entry of the file may say where in 1Password its value is; one that names another entry could go in a circle.
    return isReference(value) && parseReference(value).scheme === "op" ? (await opBackend(value)).read(value) : value;
  }

  /** The file may be changed while this runs; the same access gives the same backend, which may hold a session. */
  async function opBackend(reference: string): Promise<Backend> {
    if (given) return given;
    const access = await readPrivate(file, reference).catch((error: unknown) => {
      if ((error as { reason?: string }).reason === "unreachable") return new Map<string, string>();
      throw error;
    });
    const id = JSON.stringify([...access].filter(([name]) => name.startsWith("OP_")));
    const opened = backend.get(id) ?? onepassword(access);
    backend.clear();
    backend.set(id, opened);
    return opened;
  }
}

function untilAborted<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!signal) return work;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
