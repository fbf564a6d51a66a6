/** A port of a workload, as those that call it name it. */
export interface Door {
  workload: string;
  port: number;
}

/** The doors of a workload, by the purpose of its ports. */
export function doorsOf(workload: string, ports: Record<string, number>): Record<string, Door> {
  return Object.fromEntries(Object.entries(ports).map(([purpose, port]) => [purpose, { workload, port }]));
}

/** One workload calls another on one of its ports. */
export interface Call {
  from: string;
  to: Door;
}

/**
 * Who calls whom within a stack. Products say it as they are composed, and the recipes of a target make their networks'
 * rules of it when all of them are: what is not said here, no network lets through.
 */
export interface Calls {
  add(from: string, doors: readonly Door[]): void;
  /** No more calls come. */
  close(): void;
  /** Every call, once all products are composed. */
  all: Promise<readonly Call[]>;
}

export function calls(): Calls {
  const found = new Map<string, Call>();
  const { promise: all, resolve } = Promise.withResolvers<readonly Call[]>();
  return {
    add(from, doors) {
      for (const to of doors) found.set(`${from} ${to.workload} ${to.port}`, { from, to });
    },
    close: () => resolve([...found.values()].sort(byName)),
    all,
  };
}

/** Composes, and says that no more comes, also when composing failed: else whoever waits for all of it never ends. */
export function endingWith<Result>(gathering: { close(): void }, compose: () => Result): Result {
  try {
    return compose();
  } finally {
    gathering.close();
  }
}

function byName({ from, to }: Call, other: Call): number {
  const [one, two] = [`${from} ${to.workload}`, `${other.from} ${other.to.workload}`];
  return one === two ? to.port - other.to.port : one < two ? -1 : 1;
}

/**
 * The door that an address within the stack leads to: `host:port`, with a scheme and a path or without. A member of a
 * workload has a name of its own within the workload's.
 *
 * @example doorAt("http://collector:4318/v1") → { workload: "collector", port: 4318 }
 * @example doorAt("search-config-0.search-config-members:19092") → { workload: "search-config", port: 19092 }
 */
export function doorAt(address: string): Door {
  const { hostname, port } = new URL(address.includes("://") ? address : `tcp://${address}`);
  const members = /^[^.]+\.(?<workload>[^.]+)-members(\.|$)/.exec(hostname)?.groups;
  if (port === "") throw new Error(`the address ${address} has no port`);
  return { workload: members?.workload ?? hostname, port: Number(port) };
}
