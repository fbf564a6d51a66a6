import { isIP } from "node:net";

/**
 * Those of hosts and ranges that are addresses or ranges, as a network's policy has them; it knows no names.
 *
 * @example rangesOf(["wiki.example.internal", "10.1.0.0/16", "10.2.0.7:8080"]) → ["10.1.0.0/16", "10.2.0.7/32"]
 */
export function rangesOf(allow: readonly string[]): string[] {
  return allow.flatMap((entry) => {
    const [, bracketed, plain = "", bits] = /^(?:\[([^\]]*)\]|([^/:]*))(?:\/(\d+))?(?::\d+)?$/.exec(entry) ?? [];
    const address = bracketed ?? plain;
    const family = isIP(address);
    return family === 0 ? [] : [`${address}/${bits ?? (family === 4 ? 32 : 128)}`];
  });
}
