import { type Static, Type } from "typebox";

/** How to find out whether a process can serve. `timeout` and `interval` are milliseconds. */
export const Probe = Type.Object(
  {
    kind: Type.Union([Type.Literal("http"), Type.Literal("tcp"), Type.Literal("command")]),
    /** http: address that must answer 2xx or 3xx. */
    url: Type.Optional(Type.String()),
    /** tcp: host and port that must accept a connection. */
    host: Type.Optional(Type.String()),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    /** command: program and arguments that must exit 0. */
    command: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    /** How long one attempt may take. */
    timeout: Type.Integer({ minimum: 1, default: 3000 }),
    /** Pause between attempts once ready; while starting it is at most 250 ms. */
    interval: Type.Integer({ minimum: 1, default: 5000 }),
    /** How long the process may take from start to its first success before it counts as failed. */
    startTimeout: Type.Integer({ minimum: 1, default: 60_000 }),
  },
  { additionalProperties: false },
);
export type Probe = Static<typeof Probe>;

/** What the supervisor runs: everything it needs to start the process again after a crash or a reboot. */
export const ProcessSpec = Type.Object(
  {
    /** Unique in the stack; names the log file. */
    name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" }),
    /** Product the process belongs to, as `status` groups it. */
    component: Type.String(),
    /** Version of the program, as `status` shows it. */
    version: Type.String(),
    /** Program and arguments; never a shell line. Arguments are visible to other users: no secrets. */
    command: Type.Array(Type.String(), { minItems: 1 }),
    /** Environment, in full: nothing is inherited but PATH, HOME, LANG, TZ, TMPDIR and the proxy variables. */
    env: Type.Record(Type.String(), Type.String()),
    cwd: Type.String(),
    /** Names of processes that must be ready first, at start and after a reboot. */
    after: Type.Array(Type.String()),
    ready: Probe,
    /** How to ask it to stop, and how long it may take (milliseconds) before SIGKILL to its process group. */
    stop: Type.Object({
      signal: Type.Union([Type.Literal("SIGTERM"), Type.Literal("SIGINT"), Type.Literal("SIGQUIT")]),
      deadline: Type.Integer({ minimum: 0 }),
    }),
    /** Program that refuses uid 0 (PostgreSQL): when root runs the stack it is started as another user. */
    refusesRoot: Type.Boolean({ default: false }),
    /** Expected resident memory in MiB, for preflight and `status`. */
    memory: Type.Integer({ minimum: 1 }),
    /** TCP ports it listens on, for preflight and doctor. */
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65535 })),
    /** Changes when a configuration file the process reads at start has changed, so that it is started anew. */
    configHash: Type.String(),
  },
  { additionalProperties: false },
);
export type ProcessSpec = Static<typeof ProcessSpec>;

export const processStates = [
  "waiting",
  "starting",
  "ready",
  "unready",
  "backoff",
  "crashloop",
  "stopping",
  "stopped",
] as const;
/**
 * waiting: its `after` are not ready; starting: running, not yet ready; unready: was ready, its probe fails now;
 * backoff: exited, will be started again; crashloop: exited too often, started again only slowly; stopped: on request.
 */
export type ProcessState = (typeof processStates)[number];

export interface ProcessStatus {
  name: string;
  component: string;
  version: string;
  state: ProcessState;
  pid: number | undefined;
  /** ISO 8601. */
  since: string;
  startedAt: string | undefined;
  restarts: number;
  lastExit: { code: number | null; signal: string | null; at: string } | undefined;
  /** Why it is not ready, in one sentence. */
  reason: string | undefined;
  /** Last log lines, when it failed. */
  lastLines: string[];
  log: string;
  ports: number[];
  /** Resident memory in bytes and processor use in percent of one core, of the whole process group. */
  rss: number | undefined;
  cpu: number | undefined;
  /** Number of operating-system processes in the group. */
  processes: number;
}
