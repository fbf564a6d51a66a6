import type { ProcessStatus } from "../../../components/provider/process.ts";

/** What runs a stack's workloads where the supervisor does not: an engine of containers, or a cluster. */
export type WorkloadEngine =
  | { kind: "docker"; host?: string; stack: string }
  | { kind: "kubernetes"; kubeconfig?: string; context?: string; namespaces: string[] };

/** Containers or pods, looked at and listened to. */
export interface Units extends AsyncDisposable {
  /** Each as a process of the stack: a container, or a pod. */
  list(): Promise<ProcessStatus[]>;
  /** The last lines of one and, with `follow`, what it adds until it ends or the signal comes. */
  lines(name: string, options: LineOptions): AsyncIterable<Line>;
}

export interface LineOptions {
  /** How many of the last lines; with `since` only those after it. */
  last: number;
  /** ISO 8601 with as many digits as the engine gives. */
  since?: string;
  follow: boolean;
  signal: AbortSignal;
}

export interface Line {
  /** When it was written, as the engine says. */
  time: string;
  text: string;
}

/** Takes a line as engines give it with timestamps apart. */
export function timed(line: string): Line {
  const space = line.indexOf(" ");
  const time = line.slice(0, space);
  return /^\d{4}-\d\d-\d\dT/.test(time) ? { time, text: line.slice(space + 1) } : { time: "", text: line };
}

/** Whole lines of what comes in pieces; what is left at the end is one too. */
export async function* wholeLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = Buffer.concat([rest, piece]);
    const end = rest.lastIndexOf(10);
    if (end < 0) continue;
    yield* rest.subarray(0, end).toString("utf8").split("\n");
    rest = rest.subarray(end + 1);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}
