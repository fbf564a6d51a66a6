import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";

/** Names and addresses of this machine and of private networks. */
export function isPrivateHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === "localhost" || /\.(localhost|local|internal|lan)$/.test(name)) return true;
  return isIP(name) !== 0 && isPrivateAddress(name);
}

export function isPrivateAddress(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (plain.includes(":")) return /^(::1?$|f[cd]|fe[89ab]|::ffff:)/.test(plain);
  return /^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|22[4-9]\.|2[3-5]\d\.)/.test(
    plain,
  );
}

/**
 * Resolves names, and refuses those that lead into a private network, for the `connect` of a client of undici: what an
 * organisation enters must not reach it. The address that was checked is the one that is connected to.
 */
export const publicOnly: LookupFunction = (host, options, done) => {
  resolveName(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, "", 4);
    const found = addresses as { address: string; family: number }[];
    const bad = found.find(({ address }) => isPrivateAddress(address));
    if (bad || !found[0]) return done(new Error(`${host} is not a public address.`), "", 4);
    if (options.all) return (done as (e: null, a: typeof found) => void)(null, found);
    return done(null, found[0].address, found[0].family);
  });
};
