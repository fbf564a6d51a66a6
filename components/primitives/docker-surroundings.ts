import type { Input, ProviderResource } from "@pulumi/pulumi";

/** What every container of an appliance shares. Made once by the stack's program. */
export interface DockerSurroundings {
  /** Name of the inner network, which leads nowhere: every container is on it. */
  network: Input<string>;
  /** Name of the network that leads out: of the proxy, and of what has to call others. */
  outer: Input<string>;
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
