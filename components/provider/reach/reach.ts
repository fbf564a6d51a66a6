import { type Static, Type } from "typebox";

/**
 * How whoever runs the program gets to a workload. Containers and pods are on networks of their own, with nothing
 * published but the proxy, so wiring goes through the engine that runs them.
 */
export const Reach = Type.Union([
  /** Its host and port are this machine's. */
  Type.Object({ kind: Type.Literal("direct") }),
  Type.Object({
    kind: Type.Literal("docker"),
    /** Address of the engine, as DOCKER_HOST has it; absent: the usual socket. */
    host: Type.Optional(Type.String()),
    /** Name of the workload's container; its network is the one that the way leads into. */
    container: Type.String(),
    /** Image with Node that is there, to lead the way through where the network cannot be reached from this machine. */
    relay: Type.Optional(Type.String()),
  }),
  Type.Object({
    kind: Type.Literal("kubernetes"),
    /** Kubeconfig in full, or the path of its file; absent: the usual one. Secret. */
    kubeconfig: Type.Optional(Type.String()),
    context: Type.Optional(Type.String()),
    namespace: Type.String(),
    /** Labels of the pods: any ready one serves. */
    selector: Type.Record(Type.String(), Type.String()),
    /** The container in it, for commands. */
    container: Type.Optional(Type.String()),
  }),
]);
export type Reach = Static<typeof Reach>;

export interface Endpoint {
  host: string;
  port: number;
}

/** A way to an endpoint, open until it is disposed of. */
export interface Way extends Endpoint, AsyncDisposable {}
