import { isIP } from "node:net";

/** True for a name of the public or company network, false for names and addresses that mean this machine or have no DNS. */
export function isRealDomain(domain: string): boolean {
  return isIP(domain) === 0 && domain !== "localhost" && !domain.endsWith(".localhost");
}
