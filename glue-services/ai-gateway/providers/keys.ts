import type { App } from "../../kit/index.ts";
import { ApiError } from "../../kit/index.ts";
import { secretsContract } from "../../secrets/contract.ts";
import type { Caller } from "../callers.ts";
import { CallError } from "../wire/call-error.ts";
import type { Provider } from "./provider.ts";

/** Providers' keys: read from the secrets service by name, kept in memory for a few minutes, written nowhere. */
export interface ProviderKeys {
  /** At once when it was read a moment ago. @throws CallError when it cannot be read */
  of(provider: Provider, caller: KeyFor): string | undefined | Promise<string | undefined>;
  /** The provider refused it: read it again before it is used next. */
  refused(provider: Provider, caller: KeyFor): void;
  /** A secret changed: every key is read again before it is used next. */
  doubt(): void;
}

/** For whom a key is read. */
type KeyFor = Pick<Caller, "organisation" | "project">;

/** Reads a key for whoever calls. */
export type ReadKey = (provider: Provider, caller: KeyFor) => Promise<string>;

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
    doubt() {
      for (const entry of known.values()) entry.at = Number.NEGATIVE_INFINITY;
      // What is being read now may have been read before the change.
      reading.clear();
    },
  };

  function ask(id: string, provider: Provider, caller: KeyFor, former: string | undefined): Promise<string> {
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
          if (error instanceof ApiError && error.code === "NOT_FOUND") throw keyMissing([provider.name], error);
          const { message, hint = "" } = error as { message: string; hint?: string };
          throw new CallError(503, "provider_key_missing", `The key of ${provider.name} cannot be read: ${message}`, {
            hint,
            cause: error,
          });
        },
      )
      .finally(() => {
        if (reading.get(id) === asked) reading.delete(id);
      });
    reading.set(id, asked);
    return asked;
  }
}

/** Nobody set the key: what is missing is a person's step, not a moment's patience. */
export function keyMissing(providers: readonly string[], cause?: unknown): CallError {
  return new CallError(503, "provider_key_missing", `Key missing for ${providers.join(", ")}.`, {
    hint: "Set it on the page Models, or choose a model of another provider.",
    cause,
  });
}

function idOf({ name, key, organisation: owner }: Provider, { organisation, project }: KeyFor): string {
  return [name, key, owner, organisation, project].join(" ");
}

/** Whether a provider's key is set. Without the host's secrets, or where it is kept elsewhere, nobody can say no. */
export type HasKey = (provider: Provider, organisation: string) => Promise<boolean>;

/** By the secrets service, with the same rule as `fromSecrets`: the platform's key serves no provider of others. */
export function hasSecret(app: App): HasKey {
  return async ({ key, organisation: owner }, organisation) => {
    if (key === undefined || isOp(key) || !app.reaches(secretsContract)) return true;
    const wanted = { name: key.replace(/^env:/, "") };
    const tier = await app.use(secretsContract).tierOf({ tenant: { organisation }, wanted });
    return tier !== null && (owner === undefined || tier !== "platform");
  };
}

/**
 * From the secrets service: a name, or `env:NAME`, is looked up in the project, then the organisation, then, for a
 * provider of the platform's configuration, the platform, so that whoever has a key of their own uses it.
 */
export function fromSecrets(app: App): ReadKey {
  return async (provider, { organisation, project }) => {
    const secrets = app.use(secretsContract);
    const reader = { organisation };
    const reference = String(provider.key);
    const purpose = "AI gateway";
    if (isOp(reference)) return secrets.read({ reader, reference, purpose });
    const name = reference.replace(/^env:/, "");
    const wanted = { name, purpose, ...(project !== undefined && { project }) };
    // An organisation chooses where its provider is: the platform's key must not go there.
    const platform = provider.organisation === undefined;
    return (await secrets.resolve({ reader, wanted, platform })).value;
  };
}

/** Schemes have no case (RFC 3986, 3.1). */
function isOp(reference: string): boolean {
  return /^op:\/\//i.test(reference);
}
