import { addressOf, isLocalhost } from "../components/address.ts";
import type { Settings } from "../stacks/config/index.ts";
import type { PeopleOf } from "./identity.ts";
import { livingPort, livingPorts } from "./run/living-ports.ts";
import type { OpenStack } from "./stack.ts";

/** Where the people of a stack on this machine are. */
export function peopleOf({ settings, host }: Pick<OpenStack, "settings" | "host">): PeopleOf {
  const port = livingPort(host.paths) ?? settings.network.port;
  const publicUrl = publicAddress({ ...settings.network, port });
  return { port: livingPorts(host.paths, settings).postgres, secrets: host.secrets, publicUrl };
}

/** Address under which people and programs reach a platform. */
export function publicAddress({ domain, port, tls }: Settings["network"]): string {
  const plain = tls === "off" || (tls === "auto" && isLocalhost(domain));
  return addressOf({ scheme: plain ? "http" : "https", host: domain, port: tls === "auto" && !plain ? 443 : port });
}
