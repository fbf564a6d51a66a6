import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { Component, type Recipes, type Transform } from "../../component.ts";
import type { Reach } from "../../provider/reach/index.ts";
import type { Door } from "../calls.ts";
import type { DatabaseOutputs } from "../database/index.ts";
import type { Rank } from "../rank.ts";
import { aws } from "./aws.ts";
import { type DockerWorkloadChildren, docker } from "./docker.ts";
import { type KubernetesWorkloadChildren, kubernetes } from "./kubernetes.ts";
import { type LocalWorkloadChildren, local } from "./local.ts";

/** A long-running process or container. */
export interface WorkloadArgs {
  /** Catalogue name of the program, or the glue services of this checkout. */
  program: { upstream: string } | { service: string };
  /**
   * Program and arguments. Arguments are visible to other users of the machine: no secrets. Without it a container runs
   * what its image does by itself; a native process has no such thing.
   */
  command?: (at: Everywhere) => Input<Input<string>[]>;
  /** Environment of the process. Secrets belong in `files`. @default {} */
  env?: (at: Everywhere) => Record<string, Input<string>>;
  /** Secrets of a program that reads them from nothing but its environment. @default {} */
  secretEnv?: (at: Everywhere) => Record<string, Input<string>>;
  /** Rendered configuration files by name; a changed one starts the process anew. @default {} */
  files?: (at: Locations) => Record<string, Input<string>>;
  /** Folder the process starts in. @default the data folder, else the program's */
  cwd?: (at: Everywhere) => Output<string>;
  /** Makes what must exist in the data folder before the first start; resolves when it does. */
  prepare?: (at: Locations, options: ComponentResourceOptions) => Output<unknown>;
  /** True when it keeps data in a folder of its own; `cache` when it can lose it, and so there can be several. @default false */
  data?: boolean | "cache";
  /** Why no nightly copy is made of its data, for what can be lost. @default it is copied, which the policy pack looks for */
  losable?: string;
  /** Ports by purpose. Who may call them says so by its own `calls`. */
  ports: Record<string, number>;
  /** Ports on which its parts call one another, on loopback wherever it runs. @default none */
  loopback?: Record<string, number>;
  /** Doors of the stack that it calls. Where networks have rules it reaches these and no others. @default none */
  calls?: readonly Door[];
  /**
   * True when it runs what people wrote, or calls where people say. In a network that others share it meets nobody but
   * those that it calls and those that call it. @default false
   */
  confined?: boolean;
  /**
   * True when it starts as root where an engine lets it, with no more rights than to become the image's user and to end
   * its processes: its files are root's, its data and its work that user's. Pods start as that user. @default false
   */
  leads?: boolean;
  /**
   * True when it listens on the platform's own network alone, also where it has to meet what is confined; the names of those
   * that are confined and may call it nevertheless. @default false
   */
  inside?: boolean | readonly string[];
  /** Address the ports listen on. @default "127.0.0.1" */
  bind?: string;
  /** How to find out that it can serve. */
  health: Health | ((at: Everywhere) => Input<Input<string>[]>);
  /** Milliseconds it may take from start to its first healthy answer. @default 60000 */
  startTimeout?: number;
  /** How to ask it to stop, and the milliseconds until it is killed. @default SIGTERM, 10000 */
  stop?: { signal: "SIGTERM" | "SIGINT" | "SIGQUIT"; deadline: number };
  /** Expected resident memory in MiB. */
  memory: number;
  /**
   * Most it may take where containers are limited: MiB, and thousandths of a core; and those that it is sure of, by which
   * autoscalers count. @default twice `memory`, 1000, a tenth of `cpu`
   */
  limits?: { memory?: number; cpu?: number; sure?: number };
  /**
   * How many of it run where there is more than one machine; only without `data`. `several`: a second one where the stack is
   * to survive the loss of a machine. `alone`: one, and never two, also not while it is replaced.
   * @default 1, services as many as the stack's size says
   */
  replicas?: number | "several" | "alone";
  /** Who gives way to whom where room is short. @default `data` for what keeps data, else `platform` */
  rank?: Rank;
  /** Row of the stack's table of volumes that says how large its volume is. @default its own name */
  volume?: string;
  /**
   * A fixed number of it with names that stay (members.ts), each with data of its own, which call one another on any
   * port; for programs that form a cluster by themselves, in Kubernetes only. @default one
   */
  members?: number;
  /**
   * True when people wait for its answers on every page. Where some machines may be taken away at any time it prefers the
   * others. @default false
   */
  steady?: boolean;
  /** True when it has nothing to serve before something is done to it; whoever does that does not wait for it. @default false */
  late?: boolean;
  /** Work that waits for it: where there can be several, their number may follow it. */
  queue?: Queue;
  /** Runs as an unprivileged user even when root runs the stack. @default false */
  refusesRoot?: boolean;
  /** Names of workloads that must be ready first, also after a reboot. @default [] */
  after?: Input<string>[];
  /** Product it belongs to, as `status` groups it. @default its own name */
  component?: string;
  /**
   * True when it has to call what is outside of the stack; `internet` when that does not include networks that the stack
   * alone is let into (`kubernetes.reachable`). Without it its network leads nowhere. @default false
   */
  outbound?: boolean | "internet";
  /** Ranges of private networks that it has to call besides, where these are closed to it. @default none */
  reaches?: readonly string[];
  transform?: { [Name in keyof WorkloadChildren]?: Transform<WorkloadChildren[Name]> };
}

type WorkloadChildren = LocalWorkloadChildren & DockerWorkloadChildren & KubernetesWorkloadChildren;

/** Work that waits in a database for whoever takes it. */
export interface Queue {
  database: DatabaseOutputs;
  /** Statement whose one number is how much waits. */
  query: string;
  /** How much of it is enough for a further pod. */
  each: number;
}

/** Where things are for the process; differs by target, so commands and files ask for it. */
export interface Locations {
  /** Address to listen on: loopback for a native process, every address of its own network for a container. */
  listen: string;
  /** All of them, for one that listens inside and for some that are confined. */
  listens: string[];
  /** Address at which it reaches itself. */
  self: string;
  /** A path inside the program's folder. */
  program: (file?: string) => Output<string>;
  /** A path inside the data folder. */
  data: (file?: string) => Output<string>;
  /** Address of a Unix socket that only this stack's processes can reach. Needs `data`. */
  socket: (name: string) => Output<string>;
  /** Folder of the builds of the dashboard, for glue services. */
  web: Output<string>;
  /** Node, for glue services. */
  node: Output<string>;
}

export interface Everywhere extends Locations {
  /** A path inside the folder of rendered files. */
  config: (file?: string) => Output<string>;
}

export type Health = { http: string; port: string } | { tcp: string };

export interface WorkloadOutputs {
  /** Where its files are, for commands that work on the same installation. */
  locations: Everywhere;
  /** Host name under which other workloads reach it. */
  host: Output<string>;
  /** Ports by purpose; known when the workload is ready. */
  ports: Record<string, Output<number>>;
  /** The same for those that call it, known before it is made. */
  doors: Record<string, Door>;
  /** Name to give as `after`. */
  name: Output<string>;
  /** How the resources that set it up get to it. */
  reach: Output<Reach>;
}

export const workloadRecipes: Recipes<WorkloadArgs, WorkloadOutputs> = {
  local,
  docker,
  kubernetes,
  aws,
};

/** Its locations are functions, so they are not registered as outputs. */
export class Workload extends Component<WorkloadArgs, WorkloadOutputs> {
  constructor(name: string, args: WorkloadArgs, options?: ComponentResourceOptions) {
    super("primitive:Workload", workloadRecipes, name, args, options);
  }
}
