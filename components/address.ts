import { isIPv6 } from "node:net";

/** Parts of the address of something that is served over HTTP. */
export interface AddressParts {
  scheme: "http" | "https";
  /** Name, IPv4 address, or IPv6 address with or without brackets. */
  host: string;
  port: number;
}

/** `scheme://host[:port]` without a trailing slash: an IPv6 address in brackets, a scheme's own port left out (RFC 3986, 3.2). */
export function addressOf({ scheme, host, port }: AddressParts): string {
  return `${scheme}://${hostInAddress(host)}${port === (scheme === "https" ? 443 : 80) ? "" : `:${port}`}`;
}

/** `host:port`, as a proxy's upstream or a client's target. */
export function hostAndPort(host: string, port: number): string {
  return `${hostInAddress(host)}:${port}`;
}

/** A host as an address holds it. */
export function hostInAddress(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** Whether a name means the machine itself to every resolver that knows RFC 6761. */
export function isLocalhost(domain: string): boolean {
  return domain === "localhost" || domain.endsWith(".localhost");
}

/**
 * `_4400` for an address with a port of its own, else nothing. Cookies know no ports (RFC 6265, 8.5): with it in their
 * names, two stacks on one machine do not sign people out of each other.
 */
export function portSuffix(address: string): string {
  const { port } = new URL(address);
  return port === "" ? "" : `_${port}`;
}
