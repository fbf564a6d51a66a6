import { type Backend, patience, Unresolvable, unreachable } from "./backend.ts";
import { type OpReference, parseReference } from "./reference.ts";

export interface ConnectOptions {
  /** Address of the Connect server. */
  url: string;
  token: string;
}

type Named = { id: string; name?: string; title?: string };
interface Field {
  id: string;
  label?: string;
  value?: string;
  /** The present one-time password of a field that makes such. */
  totp?: string;
  section?: { id: string; label?: string };
}

const backend = "1password-connect" as const;

/** `op://` by the HTTP API of a 1Password Connect server: https://developer.1password.com/docs/connect/api-reference */
export function onepasswordConnect({ url, token }: ConnectOptions): Backend {
  return {
    name: backend,
    async read(reference, signal) {
      const parsed = parseReference(reference);
      if (parsed.scheme !== "op") {
        throw new Unresolvable("malformed", { reference, backend, why: "it is not an op:// reference" });
      }
      const ask = asker(reference, signal);
      const vault = await find(ask, reference, "/v1/vaults", "name", parsed.vault, "vault");
      const items = `/v1/vaults/${encodeURIComponent(vault)}/items`;
      const item = await find(ask, reference, items, "title", parsed.item, "item");
      const { fields = [] } = (await ask(`${items}/${encodeURIComponent(item)}`)) as { fields?: Field[] };
      const field = fields.find((one) => isField(one, parsed));
      const value = parsed.otp ? field?.totp : field?.value;
      if (value !== undefined) return value;
      const what = parsed.otp ? "one-time password" : "field";
      throw new Unresolvable("missing", { reference, backend, why: `the item has no ${what} ${parsed.field}` });
    },
  };

  function asker(reference: string, signal?: AbortSignal): (path: string) => Promise<unknown> {
    const limit = AbortSignal.timeout(patience);
    return async (path) => {
      let answer: Response;
      try {
        answer = await fetch(new URL(path, url), {
          headers: { authorization: `Bearer ${token}`, accept: "application/json" },
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
          redirect: "error",
        });
        if (answer.ok) return await answer.json();
        await answer.body?.cancel();
      } catch (error) {
        throw unreachable(backend, reference, error);
      }
      throw refused(reference, answer.status);
    };
  }
}

function refused(reference: string, status: number): Unresolvable {
  if (status === 401 || status === 403) {
    return new Unresolvable("denied", { reference, backend, why: `it refused the token (HTTP ${status})` });
  }
  if (status === 404) return new Unresolvable("missing", { reference, backend, why: "there is no such item" });
  return new Unresolvable("unreachable", { reference, backend, why: `it answered HTTP ${status}` });
}

/** The id of what has this name or id. */
async function find(
  ask: (path: string) => Promise<unknown>,
  reference: string,
  path: string,
  by: "name" | "title",
  wanted: string,
  what: string,
): Promise<string> {
  const filter = `${by} eq "${wanted.replaceAll(/[\\"]/g, "\\$&")}"`;
  const named = (await ask(`${path}?filter=${encodeURIComponent(filter)}`)) as Named[];
  if (named.length > 1) {
    throw new Unresolvable("missing", {
      reference,
      backend,
      why: `there are ${named.length} of the ${what} "${wanted}"`,
      hint: `Use the ${what}'s id in place of its name.`,
    });
  }
  if (named[0]) return named[0].id;
  // Ids are 26 letters and digits, so few names are taken for one.
  if (/^[a-z0-9]{26}$/.test(wanted)) return wanted;
  throw new Unresolvable("missing", { reference, backend, why: `there is no ${what} "${wanted}"` });
}

function isField(field: Field, { section, field: name }: OpReference): boolean {
  const same = (one: string | undefined, other: string) => one?.toLowerCase() === other.toLowerCase();
  if (section !== undefined && !same(field.section?.id, section) && !same(field.section?.label, section)) return false;
  return same(field.id, name) || same(field.label, name);
}
