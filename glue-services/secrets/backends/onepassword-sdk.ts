import type { Client } from "@1password/sdk";
import { type Backend, patience, type Reason, Unresolvable, unreachable } from "./backend.ts";
import { formatReference, parseReference } from "./reference.ts";

const backend = "1password-sdk" as const;

/** `op://` by 1Password's SDK with a service account's token. The SDK (14 MB) is loaded at the first question. */
export function onepasswordSdk({ token }: { token: string }): Backend {
  let client: Promise<Client> | undefined;
  return {
    name: backend,
    async read(reference, signal) {
      const parsed = parseReference(reference);
      if (parsed.scheme !== "op") {
        throw new Unresolvable("malformed", { reference, backend, why: "it is not an op:// reference" });
      }
      client ??= open(token);
      // One that could not be opened is opened anew at the next question.
      client.catch(() => {
        client = undefined;
      });
      const opened = client;
      const asked = (async () => (await opened).secrets.resolve(formatReference(parsed)))();
      return inTime(asked, signal).catch((error: unknown) => {
        throw refused(reference, error);
      });
    },
  };
}

async function open(auth: string): Promise<Client> {
  const { default: sdk } = (await import("@1password/sdk")) as unknown as {
    default: typeof import("@1password/sdk");
  };
  return sdk.createClient({ auth, integrationName: "DevFlow", integrationVersion: "v0.1.0" });
}

/** The SDK takes no signal, so its answer is no longer waited for. */
async function inTime<Result>(asked: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  const limit = AbortSignal.timeout(patience);
  const stop = signal ? AbortSignal.any([signal, limit]) : limit;
  stop.throwIfAborted();
  return new Promise((resolve, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason), { once: true });
    asked.then(resolve, reject);
  });
}

function refused(reference: string, error: unknown): Unresolvable {
  const words = error instanceof Error ? `${error.name} ${error.message}` : String(error);
  const found = outcomes.find((one) => one.words.test(words));
  if (!found) return unreachable(backend, reference, error);
  return new Unresolvable(found.reason, { reference, backend, why: found.why });
}

/** The SDK tells its errors apart by their words only. */
const outcomes: { words: RegExp; reason: Reason; why: string }[] = [
  {
    words: /service account token|unauthori[sz]ed|forbidden|authentication/i,
    reason: "denied",
    why: "it refused the token",
  },
  {
    words: /no (vault|item|section|field)|(vault|item|section|field)s? .*(not|no|more than one) |could not be found/i,
    reason: "missing",
    why: "there is no such vault, item or field, or there are several",
  },
  { words: /could not be parsed|invalid format/i, reason: "malformed", why: "it is not a whole reference" },
];
