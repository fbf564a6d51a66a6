import type { handleUnaryCall, ServiceDefinition } from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import monitorServices from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import { engineOf, type Log } from "./engine-service.ts";
import { type Served, serve } from "./grpc.ts";
import type { Monitor } from "./monitor-of.ts";

type Method = (request: never, reply: (error: Error | null, response?: unknown) => void) => void;

/**
 * Serves the monitor, and the little the SDK asks of an engine, over gRPC: a program under the SDK's own
 * `@pulumi/pulumi/cmd/run --monitor=… --engine=…` then does the same as one in this process.
 */
export function serveMonitor(monitor: Monitor, log: Log): Promise<Served> {
  const monitorService = monitorServices.ResourceMonitorService as unknown as ServiceDefinition;
  const engineService = engineServices.EngineService as unknown as ServiceDefinition;
  return serve([
    [monitorService, overGrpc(monitorService, monitor)],
    [engineService, overGrpc(engineService, engineOf(log) as unknown as Record<string, Method>)],
  ]);
}

// --- internal ---

/** Streams, and methods that are not there, are left out: the server itself answers UNIMPLEMENTED for them. */
function overGrpc(service: ServiceDefinition, methods: Record<string, Method>) {
  const isUnary = ([, method]: [string, ServiceDefinition[string]]) => !method.requestStream && !method.responseStream;
  const unary = Object.entries(service).filter(isUnary);
  const names = unary.map(([name]) => name).filter((name) => typeof methods[name] === "function");
  const handler =
    (name: string): handleUnaryCall<unknown, unknown> =>
    (call, reply) =>
      methods[name]?.(call.request as never, (error, response) => reply(error, response));
  return Object.fromEntries(names.map((name) => [name, handler(name)]));
}
