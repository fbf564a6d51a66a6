import { isIP } from "node:net";

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** A host name or an IP address, without scheme, port and path. */
export function isDomain(text: string): boolean {
  // A zone, as in fe80::1%eth0, is a matter of one machine; no URL can have it.
  if (isIP(text) !== 0) return !text.includes("%");
  // Digits and dots alone would be an address that is not one, such as 300.1.2.3.
  return text.length <= 253 && text.split(".").every((part) => label.test(part)) && !/^[0-9.]+$/.test(text);
}

/** One mailbox at a domain. Quoted local parts and addresses in brackets are refused, since most programs refuse them. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const domain = text.slice(at + 1);
  return (
    text.length <= 254 &&
    /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}$/.test(text.slice(0, Math.max(at, 0))) &&
    isDomain(domain) &&
    isIP(domain) === 0
  );
}

export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** An address, or one with the bits of its network behind a slash; `/0`, which is everybody, is none. */
export function isRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9][0-9]{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Top-level names that no public certificate authority serves. */
const privateNames = ["localhost", "local", "test", "internal", "lan", "home", "invalid", "example", "arpa"];

/** True when a public certificate authority can issue a certificate for it. */
export function isRealDomain(domain: string): boolean {
  if (isIP(domain) !== 0 || !domain.includes(".")) return false;
  return !privateNames.includes(domain.slice(domain.lastIndexOf(".") + 1).toLowerCase());
}

export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
