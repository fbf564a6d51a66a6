import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import proto from "@pulumi/pulumi/proto/engine_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";

export type Severity = "info" | "warning" | "error";
export type Log = (severity: Severity, message: string, urn: string) => void;

/** What the SDK asks of Pulumi's Engine service: to take its log, and to know the root resource. */
export function engineOf(log: Log) {
  const severities: Record<number, Severity> = {
    [proto.LogSeverity.INFO]: "info",
    [proto.LogSeverity.WARNING]: "warning",
    [proto.LogSeverity.ERROR]: "error",
  };
  return {
    log(request: LogRequest, reply: Reply) {
      const severity = severities[request.getSeverity()];
      // The SDK's own debug messages hold whole requests; nobody asked for them.
      if (severity) log(severity, request.getMessage(), request.getUrn());
      reply(null, new empty.Empty());
    },
    setRootResource: (_: unknown, reply: Reply) => reply(null, new proto.SetRootResourceResponse()),
    getRootResource: (_: unknown, reply: Reply) => reply(null, new proto.GetRootResourceResponse()),
    requirePulumiVersion: (_: unknown, reply: Reply) => reply(null, new proto.RequirePulumiVersionResponse()),
    close() {},
  };
}

// --- internal ---

type Reply = (error: null, response: object) => void;
