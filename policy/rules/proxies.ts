import { isIP } from "node:net";
import { containersOf } from "../containers.ts";
import type { Rule } from "../rule.ts";

/** Variables of the services that say whose word about a client's address is believed. */
const variables = ["DEVFLOW_FRONT_DOOR", "DEVFLOW_TRUSTED_PROXIES"];

/** The largest network that a front door can sensibly be in: 10.0.0.0/8, and fc00::/7, all private addresses of IPv6. */
const leastBits = { 4: 8, 6: 7 };

/** Whoever is trusted can say that they are anybody, past every limit and in the audit log. */
export const proxies: Rule = {
  name: "no-trust-in-everybody",
  description: "The services believe what named proxies say of a client's address, and never everybody.",
  each: (resource) =>
    containersOf(resource).flatMap(({ name, env }) =>
      variables.flatMap((variable) => {
        const entries = typeof env[variable] === "string" ? env[variable].split(",") : [];
        return entries
          .filter(isEverybody)
          .map(
            (entry) =>
              `${name} believes ${entry || "nobody in particular"} about a client: name the proxies in ${variable}.`,
          );
      }),
    ),
};

function isEverybody(entry: string): boolean {
  const [address = "", bits] = entry.split("/");
  const family = isIP(address);
  // A name is one host; a pattern is no name.
  if (family === 0) return !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry);
  if (bits === undefined) return /^[0.:]+$/.test(address);
  return Number(bits) < leastBits[family as 4 | 6];
}
