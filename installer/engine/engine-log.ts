import { credentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/engine_pb.js";

/** Says what a resource is doing; the last argument is its URN. */
export type Tell = (message: string, urn: string) => void;

/** Tells Pulumi's engine, which shows it beside the resource while it is under way. */
export function engineLog(address: string): Tell {
  const client = new services.EngineClient(address, credentials.createInsecure());
  return (message, urn) => {
    const request = new proto.LogRequest();
    request.setSeverity(proto.LogSeverity.INFO);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(true);
    // Progress that cannot be told is no reason to fail.
    client.log(request, () => {});
  };
}
