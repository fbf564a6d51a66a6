import type { IdentityService } from "../identity/app.ts";
import { type Declaration, demanded, type Offer, processGroups } from "../kit/declare/index.ts";
import type { Service, Verifier } from "../kit/index.ts";

export interface Opened {
  services: Service[];
  /** Services that are not mounted, since the host lacks a resource, with what they lack. */
  left: { name: string; lacks: readonly string[] }[];
}

/**
 * Opens the services that a host shall run.
 *
 * @param wanted `all`, or names separated by commas
 * @throws Error when it names one that does not exist, or when what is offered is not valid
 */
export async function openServices(wanted: string, offer: Offer, declared: readonly Declaration[]): Promise<Opened> {
  const known = inOrder(declared);
  const chosen = wanted === "all" ? known : wanted.split(",").map((name) => find(known, name.trim()));
  const opened: Opened = { services: [], left: [] };
  const results = await Promise.all(chosen.map(async ({ name, open }) => ({ name, result: await open(offer) })));
  for (const { name, result } of results) {
    if ("lacks" in result) opened.left.push({ name, lacks: result.lacks });
    else opened.services.push(result);
  }
  return opened;
}

/** Who a request comes from, as the identity service among them knows. */
export function verifierOf(mounted: readonly Service[]): Verifier | undefined {
  return mounted.find((service): service is IdentityService => "verify" in service)?.verify;
}

/** By group, and in one by how little they need: what answers when all else is down is mounted first. */
function inOrder(declared: readonly Declaration[]): Declaration[] {
  const weight = ({ group, needs }: Declaration) => processGroups.indexOf(group) * 1000 + demanded(needs).length;
  return declared.toSorted((one, other) => weight(one) - weight(other));
}

function find(known: readonly Declaration[], name: string): Declaration {
  const found = known.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`SERVICES names ${name}, but there are only ${known.map((one) => one.name).join(", ")}.`);
}
