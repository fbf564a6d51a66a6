import type { App } from "../../kit/index.ts";
import { ApiError } from "../../kit/index.ts";
import { secretsOf } from "../../secrets/reader.ts";
import type { Caller } from "../callers.ts";
import { CallError } from "../wire/call-error.ts";
import type { Provider } from "./provider.ts";

/** Providers' keys: read from the secrets service by name, kept in memory for a few minutes, written nowhere. */
export interface ProviderKeys {
  /** At once when it was read a moment ago. @throws CallError when it cannot be read */
  of(provider: Provider, caller: Caller): string | undefined | Promise<string | undefined>;
  /** The provider refused it: read it again before it is used next. */
  refused(provider: Provider, caller: Caller): void;
}

/** Reads a key for whoever calls. */
export type ReadKey = (provider: Provider, caller: Caller) => Promise<string>;

/** Milliseconds a key is used without being read again, and for how long while it cannot be. */
const fresh = 120_000;
const most = 1000;

export function providerKeys(read: ReadKey): ProviderKeys {
  const known = new Map<string, { at: number; value: string }>();
  const reading = new Map<string, Promise<string>>();
  return {
    of(provider, caller) {
      if (provider.key === undefined) return undefined;
      const id = idOf(provider, caller);
      const entry = known.get(id);
      if (entry && performance.now() - entry.at < fresh) return entry.value;
      return reading.get(id) ?? ask(id, provider, caller, entry?.value);
    },
    refused: (provider, caller) => {
      const entry = known.get(idOf(provider, caller));
      if (entry) entry.at = Number.NEGATIVE_INFINITY;
    },
  };

  function ask(id: string, provider: Provider, caller: Caller, former: string | undefined): Promise<string> {
    const asked = read(provider, caller)
      .then(
        (value) => {
          if (known.size >= most) known.clear();
          known.set(id, { at: performance.now(), value });
          return value;
        },
        (error: unknown) => {
          // The secrets' database or 1Password is away: what was right a moment ago still is.
          if (former !== undefined && error instanceof ApiError && error.status >= 500) return former;
          const { message, hint = "" } = error as { message: string; hint?: string };
          throw new CallError(503, "provider_key_missing", `The key of ${provider.name} cannot be read: ${message}`, {
            hint,
            cause: error,
          });
        },
      )
      .finally(() => reading.delete(id));
    reading.set(id, asked);
    return asked;
  }
}

function idOf({ name, key, organisation: owner }: Provider, { organisation, project }: Caller): string {
  return [name, key, owner, organisation, project].join(" ");
}

/**
 * From the secrets of this host: a name, or `env:NAME`, is looked up in the project, then the organisation, then, for a
 * provider of the platform's configuration, the platform, so that whoever has a key of their own uses it.
 */
export function fromSecrets(app: App): ReadKey {
  return async (provider, { organisation, project }) => {
    const reference = String(provider.key);
    const purpose = "AI gateway";
    if (reference.startsWith("op://")) return secretsOf(app).read({ organisation }, reference, purpose);
    const name = reference.replace(/^env:/, "");
    const wanted = { name, purpose, ...(project !== undefined && { project }) };
    // An organisation chooses where its provider is: the platform's key must not go there.
    const tiers = { platform: provider.organisation === undefined };
    return (await secretsOf(app).resolve({ organisation }, wanted, tiers)).value;
  };
}
