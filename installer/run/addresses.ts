import { owners } from "./components.ts";
import type { PlannedStep } from "./event.ts";

/** Component to the address people open: that of its site at the proxy. */
export function addressesOf(steps: readonly PlannedStep[]): Record<string, string> {
  const owner = owners(steps);
  return Object.fromEntries(
    steps.flatMap(({ urn, url, operation }) => {
      const name = owner(urn);
      return url === undefined || name === undefined || operation === "delete" ? [] : [[name, url]];
    }),
  );
}
