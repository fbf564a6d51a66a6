import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { isSpecial } from "./ranges.ts";

/** Names and addresses of this machine and of private networks, as far as the name alone tells. */
export function isPrivateHost(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  if (name === "localhost" || /\.(localhost|local|internal|lan)$/.test(name)) return true;
  return isIP(name) !== 0 && isSpecial(name);
}

/**
 * Resolves names, and refuses those that lead where they must not. The address that was checked is the one that is
 * connected to: a name cannot be harmless when it is checked and something else when it is used.
 *
 * @param may whether this host may be connected to at this address
 * @param refusal what is wrong with a host that may not
 */
export function guardedLookup(
  may: (host: string, address: string) => boolean,
  refusal: (host: string) => Error,
): LookupFunction {
  return (host, options, done) => {
    resolveName(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, "", 0);
      const [first] = addresses;
      // One bad address among good ones is how a name is made to look harmless.
      if (!first || !addresses.every(({ address }) => may(host, address))) return done(refusal(host), "", 0);
      if (options.all) return (done as unknown as (error: null, all: typeof addresses) => void)(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}

/** Connections, for a client of undici, to public addresses only: what an organisation enters must reach nothing else. */
export function publicOnly(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({
    ...options,
    lookup: guardedLookup((_host, address) => !isSpecial(address), notPublic),
  });
  return (to, done) => {
    const host = to.hostname.replace(/^\[|\]$/g, "");
    // An address that is written as numbers is not looked up.
    if (isIP(host) && isSpecial(host)) return done(notPublic(host), null);
    return connect(to, done);
  };
}

function notPublic(host: string): Error {
  return new Error(`${host} is not a public address.`);
}
