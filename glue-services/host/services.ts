import type { IdentityService } from "../identity/app.ts";
import {
  type Declaration,
  demanded,
  type Offer,
  processGroups,
  type ServicePage,
  type Stack,
} from "../kit/declare/index.ts";
import type { Peers, Service, Verifier } from "../kit/index.ts";

export interface Opened {
  services: Service[];
  /** Services that are not mounted, since the host lacks a resource, with what they lack. */
  left: { name: string; lacks: readonly string[] }[];
}

/**
 * Opens the services that a host shall run.
 *
 * @param wanted `all`, or names separated by commas
 * @param elsewhere the hosts of services that this one does not run
 * @throws Error when it names one that does not exist, or when what is offered is not valid
 */
export async function openServices(
  wanted: string,
  { stack, ...offer }: Omit<Offer, "stack"> & { stack: Omit<Stack, "pages"> },
  declared: readonly Declaration[],
  elsewhere: Peers["at"] = {},
): Promise<Opened> {
  const known = inOrder(declared);
  const chosen = wanted === "all" ? known : wanted.split(",").map((name) => find(known, name.trim()));
  const lacksOf = ({ needs }: Declaration) => demanded(needs).filter((name) => offer.resources[name] === undefined);
  const mounted = chosen.filter((one) => lacksOf(one).length === 0);
  const pages = pagesOf(mounted);
  const strangers = elsewhere.identity !== undefined && !mounted.some(({ name }) => name === "identity");
  const verifying = strangers ? [(await import("../identity/elsewhere.ts")).identityElsewhere()] : [];
  const opened = await Promise.all(mounted.map((one) => one.open({ stack: { ...stack, pages }, ...offer })));
  return {
    services: [...verifying, ...opened],
    left: chosen.filter((one) => !mounted.includes(one)).map((one) => ({ name: one.name, lacks: lacksOf(one) })),
  };
}

/** Their pages, each with the service that it is of. */
export function pagesOf(declared: readonly Declaration[]): ServicePage[] {
  return declared.flatMap(({ name, pages = [] }) => pages.map((page) => ({ service: name, ...page })));
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
