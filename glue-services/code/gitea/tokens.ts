import { randomBytes } from "node:crypto";
import { type GiteaAccount, giteaRequest } from "./request.ts";

/**
 * What may be done with a token of the platform's account: find out whose account a person has, or act as somebody, to
 * read or also to write. None of them can do what another is for, nor administer anything.
 */
export type Right = "accounts" | "read" | "write";

const scopes: Record<Right, string[]> = {
  accounts: ["read:admin"],
  read: ["read:repository", "read:issue", "read:organization"],
  write: ["write:repository", "write:issue", "read:organization"],
};

/** Short-lived tokens of the platform's account, in memory only. */
export interface Tokens {
  /** Made when it is first needed. @throws ApiError UNAVAILABLE */
  of(right: Right): Promise<string>;
  /** Gitea did not take it: another is made. */
  forget(right: Right, token: string): Promise<void>;
  /** Deletes those that this host made. */
  close(): Promise<void>;
}

interface Made {
  name: string;
  token: string;
}

/** Milliseconds after which another one is made, and after which one of a host that died is swept away. */
const renewAfter = 12 * 3_600_000;
const sweepAfter = 24 * 3_600_000;
const namePattern = /^platform-(accounts|read|write)-/;

export function openTokens(gitea: GiteaAccount): Tokens {
  const known = new Map<Right, { begun: number; made: Promise<Made> }>();
  const basic = `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`;
  const own = ["users", gitea.user, "tokens"];
  let swept = false;

  return {
    async of(right) {
      const before = known.get(right);
      if (before && Date.now() - before.begun < renewAfter) return (await before.made).token;
      const entry = { begun: Date.now(), made: make(right) };
      known.set(right, entry);
      entry.made.catch(() => known.get(right) === entry && known.delete(right));
      before?.made.then(({ name }) => remove(name)).catch(() => {});
      return (await entry.made).token;
    },
    async forget(right, token) {
      const entry = known.get(right);
      const made = await entry?.made.catch(() => undefined);
      if (made?.token === token && known.get(right) === entry) known.delete(right);
    },
    async close() {
      const all = await Promise.allSettled([...known.values()].map(({ made }) => made));
      known.clear();
      // Gitea may be gone already; what is left is swept away by the next host.
      await Promise.allSettled(all.map((one) => one.status === "fulfilled" && remove(one.value.name)));
    },
  };

  async function make(right: Right): Promise<Made> {
    if (!swept) {
      await sweep();
      swept = true;
    }
    const name = `platform-${right}-${randomBytes(6).toString("hex")}`;
    const body = { name, scopes: scopes[right] };
    const { sha1 } = (await ask({ method: "POST", path: own, body })) as { sha1: string };
    return { name, token: `token ${sha1}` };
  }

  async function sweep(): Promise<void> {
    const all = (await ask({ path: own, query: { limit: 50 } })) as { name: string; created_at: string }[];
    const old = all.filter(
      ({ name, created_at }) => namePattern.test(name) && Date.now() - Date.parse(created_at) > sweepAfter,
    );
    for (const { name } of old) await remove(name);
  }

  async function remove(name: string): Promise<void> {
    await ask({ method: "DELETE", path: [...own, name] });
  }

  async function ask(asked: Omit<Parameters<typeof giteaRequest>[2], "signal">): Promise<unknown> {
    const { status, text } = await giteaRequest(gitea, basic, { ...asked, signal: AbortSignal.timeout(20_000) });
    if (status >= 300 && !(asked.method === "DELETE" && status === 404)) {
      throw new Error(`Gitea answered ${status} about the platform's own tokens.`);
    }
    return text === "" ? undefined : JSON.parse(text);
  }
}
