import { isLocalhost } from "../../../components/address.ts";
import type { Settings } from "../../../stacks/config/index.ts";
import type { Check } from "../check.ts";
import type { Facts } from "../facts.ts";

/** Where names of a stack have to be when no name server knows them. */
export const hostsFile = "/etc/hosts";

/**
 * Names below localhost that the stack serves and that this machine's C library does not resolve, with the line that
 * makes it; undefined when there are none. Browsers, curl and git resolve them by themselves (RFC 6761); npm, pip, Go,
 * Node and Python ask the C library.
 */
export async function unresolvedNames(
  settings: Pick<Settings, "network" | "components">,
  facts: Pick<Facts, "lookup">,
): Promise<{ names: string[]; line: string } | undefined> {
  const { domain } = settings.network;
  if (!isLocalhost(domain) || !settings.components.code) return undefined;
  const served = [...(domain === "localhost" ? [] : [domain]), `code.${domain}`];
  const found = await Promise.all(served.map(async (name) => ((await facts.lookup(name)).length > 0 ? [] : [name])));
  const names = found.flat();
  return names.length > 0 ? { names, line: `127.0.0.1 ${names.join(" ")}` } : undefined;
}

export const names: Check = {
  name: "names",
  title: "Names below localhost",
  why: "npm, pip, Go, Node and Python ask the C library for them; browsers, curl and git do not.",
  async run({ facts, settings }) {
    if (!isLocalhost(settings.network.domain)) return { status: "skipped", result: "the domain is asked of DNS" };
    const missing = await unresolvedNames(settings, facts);
    if (!missing) return { status: "ok", result: "every program of this machine finds them" };
    return {
      status: "warn",
      result: `${missing.names.join(" and ")} ${missing.names.length === 1 ? "is" : "are"} found by browsers, curl and git only`,
      fix: `For npm, pip, Go, Node and Python: \`echo "${missing.line}" | sudo tee -a ${hostsFile}\``,
      data: missing,
    };
  },
};
