import type { Input, Output, ProviderResource } from "@pulumi/pulumi";
import type { Calls } from "./calls.ts";

/** What every container of an appliance shares. Made once by the stack's program. */
export interface DockerSurroundings {
  /** Name of the inner network, which leads nowhere: every container is on it but those that are confined. */
  network: Input<string>;
  /** Name of the network that leads out: of the proxy, and of what has to call others. */
  outer: Input<string>;
  /** Name of the network by which what is confined gets out. Nobody meets another one on it. */
  alone: Input<string>;
  /** Who calls whom. */
  calls: Calls;
  /** Networks of those that are confined, by workload: filled as they are declared. */
  confined: Map<string, Output<string>>;
  /** Subnet of a confined one's network, by workload; absent: the engine takes a free one. */
  subnetOf?: (workload: string) => string | undefined;
  /** Prefix of the names of containers and volumes: the stack's name. */
  prefix: string;
  /** Address of the engine; absent: the usual one. */
  host?: string;
  /** Provider of an engine that is named. */
  provider?: ProviderResource;
  /** Name of the glue services' image, resolved when it is there. */
  glue: Input<string>;
  /** How what calls others gets out. */
  outbound: Outbound;
}

export interface Outbound {
  /** Variables of the environment that say by which proxy. */
  env: Record<string, string>;
  /** Certificates of authorities to trust besides the public ones, PEM. */
  authorities?: string;
}
