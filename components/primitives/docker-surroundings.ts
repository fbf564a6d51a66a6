import type { Input } from "@pulumi/pulumi";

/** What every container of an appliance shares. Made once by the stack's program. */
export interface DockerSurroundings {
  /** Name of the inner network; only the proxy is on an outer one as well. */
  network: Input<string>;
  /** Prefix of the names of containers and volumes: the stack's name. */
  prefix: string;
}
