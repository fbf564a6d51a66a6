/** Something that may be called, and its ports. */
export interface Callee {
  name: string;
  ports: number[];
}

/** A port that nothing listens on: whoever may connect to it may connect to every other. */
export const anyPort = 1;

/**
 * Who may connect to which port, as lines that people read: a callee, below it each of its ports with its callers.
 * Every ordered pair is asked for; a port that nobody may call says so.
 *
 * @param groups names for those that are named together where all of them may
 */
export function tableOf(
  callers: string[],
  callees: Callee[],
  connects: (from: string, to: string, port: number) => boolean,
  groups: Record<string, string[]>,
): string {
  return callees
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, ports }) => {
      const lines = ports
        .toSorted((one, other) => one - other)
        .flatMap((port) => {
          const found = callers.filter((caller) => caller !== name && connects(caller, name, port));
          const by = together(found, name).join(", ");
          if (port === anyPort) return found.length > 0 ? [`  any   ${by}\n`] : [];
          return [`  ${String(port).padEnd(5)} ${by || "nobody"}\n`];
        });
      return `${name}\n${lines.join("")}`;
    })
    .join("\n");

  function together(found: string[], callee: string): string[] {
    const whole = Object.entries(groups).filter(([, members]) =>
      members.every((one) => one === callee || found.includes(one)),
    );
    const named = new Set(whole.flatMap(([, members]) => members));
    return [...whole.map(([group]) => group), ...found.filter((one) => !named.has(one)).sort()];
  }
}
