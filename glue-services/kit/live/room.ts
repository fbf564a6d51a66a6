/** Who holds a connection. */
export interface Seat {
  /** The person, the maker of a key, or the credential of something else. */
  holder: string;
  organisation: string;
}

/** Connections that are open at once: of one holder, and of all. Each costs some 10 kB and a look every few seconds. */
export const mostConnections = { ofHolder: 50, all: 5000 };

/**
 * Whose place a newcomer gets. A holder who has all they may have gets none (`full`). When all together have too many, the
 * organisation with the most of them loses its oldest, so that nobody shuts out others, however many people they invite.
 *
 * @param seats the oldest first
 * @returns the one to end; undefined where there is room
 */
export function roomFor<One extends Seat>(
  seats: Iterable<One>,
  newcomer: Seat,
  most = mostConnections,
): One | "full" | undefined {
  const all = [...seats];
  const own = all.filter(({ holder, organisation }) => {
    return holder === newcomer.holder && organisation === newcomer.organisation;
  });
  if (own.length >= most.ofHolder) return "full";
  if (all.length < most.all) return undefined;
  const sizes = Map.groupBy(all, ({ organisation }) => organisation);
  const [largest] = [...sizes.values()].reduce((one, other) => (other.length > one.length ? other : one));
  return largest;
}
