import { createHash } from "node:crypto";

/**
 * Characters of a name at most. Models' APIs take 64, and clients put the name that a person gave this gateway before it
 * (`mcp__devflow__…` in many), which must still fit.
 */
const longest = 50;

/** What every model's API and every client takes. */
const legal = /^[A-Za-z0-9_-]+$/;

/** How a shortened name ends: hexadecimal digits of the SHA-256 of the server's own name. */
const digits = 10;
const shortened = new RegExp(`(?:^|_)[0-9a-f]{${digits}}$`);

/** Between a server's name, which has no underscores, and a tool's. */
const separator = "__";

/** What stands before the names of a server's tools and prompts among those of other servers. */
export function prefixOf(server: string): string {
  return `${server}${separator}`;
}

/**
 * A tool's or prompt's name among those of many servers: as the server has it where clients and models' APIs take that, else
 * shortened, with a hash of the server's own name at its end. It depends on nothing but the two, and no two names of a server
 * become one: a name that only looks shortened is shortened too.
 *
 * @param prefix empty: names stay as they are
 */
export function exposedName(prefix: string, name: string): string {
  if (prefix === "") return name;
  const whole = `${prefix}${name}`;
  if (whole.length <= longest && legal.test(name) && !shortened.test(name)) return whole;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, digits);
  const readable = name
    .replace(/[^A-Za-z0-9-]+/g, "_")
    .slice(0, longest - prefix.length - digits - 1)
    .replace(/^_+|_+$/g, "");
  return readable === "" ? `${prefix}${hash}` : `${prefix}${readable}_${hash}`;
}

/** Whether the server's own name cannot be read off an exposed one. */
export function isShortened(prefix: string, exposed: string): boolean {
  return prefix !== "" && shortened.test(exposed.slice(prefix.length));
}
