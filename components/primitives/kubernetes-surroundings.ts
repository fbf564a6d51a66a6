import type { Input } from "@pulumi/pulumi";

/** What every object of a cluster shares. Made once by the stack's program. */
export interface KubernetesSurroundings {
  /** Namespace of the platform's own products. */
  namespace: Input<string>;
}
