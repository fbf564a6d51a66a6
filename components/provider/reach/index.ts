import { run } from "../run.ts";
import type { Endpoint, Reach, Way } from "./reach.ts";

export * from "./reach.ts";

/**
 * Opens a way to `endpoint`, given as other workloads would reach it.
 * @throws DevflowError COMPONENT_FAILED when the engine that runs the workload does not let us through.
 */
export async function open(reach: Reach | undefined, endpoint: Endpoint, signal: AbortSignal): Promise<Way> {
  switch (reach?.kind) {
    case undefined:
    case "direct":
      return { ...endpoint, async [Symbol.asyncDispose]() {} };
    case "docker":
      return (await import("./docker.ts")).open(reach, endpoint, signal);
    case "kubernetes":
      return (await import("./kubernetes.ts")).open(reach, endpoint, signal);
  }
}

/** The same for an address: `url` is where it is reached from here, without a trailing slash. */
export async function openUrl(
  reach: Reach | undefined,
  address: string,
  signal: AbortSignal,
): Promise<AsyncDisposable & { url: string }> {
  const { protocol, hostname, port, pathname } = new URL(address);
  const standard = protocol === "https:" ? 443 : 80;
  const way = await open(reach, { host: hostname, port: Number(port) || standard }, signal);
  return {
    url: `${protocol}//${way.host}:${way.port}${pathname.replace(/\/$/, "")}`,
    [Symbol.asyncDispose]: () => way[Symbol.asyncDispose](),
  };
}

export interface Execution {
  /** Program and arguments, visible to others: no secrets. */
  command: string[];
  /** Given on standard input, where secrets may be. */
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds. */
  timeout: number;
  signal: AbortSignal;
}

/**
 * Runs a program beside the workload, in its own container, and answers what it printed.
 * @throws DevflowError COMPONENT_FAILED with its last lines when it fails.
 */
export async function execute(reach: Reach | undefined, execution: Execution): Promise<string> {
  switch (reach?.kind) {
    case undefined:
    case "direct": {
      const { command, env, ...options } = execution;
      return run(command, { ...options, env: { PATH: process.env.PATH, ...env } });
    }
    case "docker":
      return (await import("./docker.ts")).execute(reach, execution);
    case "kubernetes":
      return (await import("./kubernetes.ts")).execute(reach, execution);
  }
}
