import type { Source } from "./source.ts";
import type { Exchange } from "./sources.ts";

/** The sources of a session: rules, servers and what its caller may count from the next request on, not from its beginning. */
export interface Following {
  sources(): readonly Source[];
  /** A request of the session came. */
  follow(exchange: Exchange): void;
}

export function following(first: Exchange, make: (exchange: Exchange) => Source[]): Following {
  let exchange = first;
  let made = make(first);
  return {
    sources: () => made,
    follow(next) {
      // The former ones know whose each address is, and are kept as long as nothing changed.
      if (!same(exchange, next)) made = make(next);
      exchange = next;
    },
  };
}

/** Rules and servers are read together, so that one tells of both. */
function same({ caller, organisation }: Exchange, other: Exchange): boolean {
  return (
    organisation.rules === other.organisation.rules &&
    caller.scopes.join() === other.caller.scopes.join() &&
    caller.roles.join() === other.caller.roles.join()
  );
}
