import { isIP } from "node:net";
import { unmapped } from "./outgoing/ranges.ts";

/**
 * What limits count a client by: an IPv4 address as it is, of an IPv6 address the network of 64 bits, since whoever has
 * one address of it has 2^64 (RFC 6177: a site is given a /64 at least).
 */
export function clientNetwork(address: string): string {
  const plain = unmapped(address);
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = plain.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
