import type { PeopleOf } from "./identity.ts";
import type { OpenStack } from "./stack.ts";

/** Where the people of a stack on this machine are. The public port is the first of its block; PostgreSQL has the third. */
export function peopleOf({ settings, host }: Pick<OpenStack, "settings" | "host">): PeopleOf {
  const { domain, port, tls } = settings.network;
  const onLocalhost = domain === "localhost" || domain.endsWith(".localhost");
  const secure = tls === "internal" || (tls === "auto" && !onLocalhost);
  const shown = tls === "auto" && !onLocalhost ? "" : `:${port}`;
  return { port: port + 2, secrets: host.secrets, publicUrl: `${secure ? "https" : "http"}://${domain}${shown}` };
}
