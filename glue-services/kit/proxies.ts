import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { ApiError } from "./api-error.ts";
import { blockList, unmapped } from "./outgoing/ranges.ts";

/**
 * The proxies whose word about a client (`X-Forwarded-For`, `-Proto`, `-Host`) counts. Nobody else's does: a client that
 * names somebody else's address would be let past limits, and stand in the audit log as them.
 */
export interface Proxies {
  /** The stack's own proxy: addresses, ranges, or host names. Counts only for whoever holds the connection. */
  nearest: readonly string[];
  /** Proxies before the stack's own: addresses and ranges. @default none */
  outer?: readonly string[];
}

/** A proxy on this machine. */
export const onThisMachine: Proxies = { nearest: ["127.0.0.0/8", "::1"] };

/** Milliseconds after which host names are looked up again: a container that is made anew has another address. */
const fresh = 5000;

export interface TrustedProxies {
  /** As Fastify's `trustProxy`: hop 0 is whoever holds the connection, 1 whom that one names, and so on. */
  trust(address: string, hop: number): boolean;
  /** Looks host names up until the app closes; the first time before it serves. */
  follow(app: FastifyInstance): void;
}

/** @throws Error for an outer proxy that is neither an address nor a range */
export function trustedProxies({ nearest, outer = [] }: Proxies): TrustedProxies {
  const names = nearest.filter((entry) => !isRange(entry));
  const wrong = outer.find((entry) => !isRange(entry));
  if (wrong !== undefined) throw new Error(`${wrong} is neither an address nor a range of addresses.`);
  const ranges = blockList(nearest.filter(isRange));
  const before = blockList(outer);
  const found = new Map<string, string[]>();

  return {
    trust(address, hop) {
      const plain = unmapped(address);
      const family = isIP(plain);
      if (family === 0) return false;
      const kind = family === 4 ? "ipv4" : "ipv6";
      if (hop > 0) return before.check(plain, kind);
      return ranges.check(plain, kind) || [...found.values()].some((addresses) => addresses.includes(plain));
    },
    follow(app) {
      if (names.length === 0) return;
      let timer: NodeJS.Timeout | undefined;
      app.addHook("onReady", async () => {
        await find();
        timer = setInterval(() => void find(), fresh).unref();
      });
      app.addHook("preClose", async () => clearInterval(timer));
    },
  };

  async function find(): Promise<void> {
    const looked = names.map(async (name) => {
      const addresses = await lookup(name, { all: true });
      found.set(
        name,
        addresses.map(({ address }) => unmapped(address)),
      );
    });
    // The proxy may not be there yet, or be gone for a moment; what was found before still holds.
    await Promise.allSettled(looked);
  }
}

/** Leaves `X-Forwarded-Host` out of requests in which it names no host of the platform; `Host` then counts. */
export function forgetUnknownHosts(app: FastifyInstance, hosts: readonly string[]): void {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  app.addHook("onRequest", (request, _reply, done) => {
    const named = request.raw.headers["x-forwarded-host"];
    if (named !== undefined && !known.has(String(named).toLowerCase())) delete request.raw.headers["x-forwarded-host"];
    done();
  });
}

/** Refuses a `Host` that no address can be made of: whatever makes one of it could only fail. */
export function refuseUnreadableHosts(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    if (request.host === "" || URL.canParse(`http://${request.host}`)) return;
    throw new ApiError("INVALID", "The Host header names no host.", { hint: "Send the platform's own name and port." });
  });
}

/** An address, or one with the bits of its network behind a slash. Everything there is (`/0`) is none. */
export function isRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9][0-9]{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
