import type { SupportsFeatureRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";

type Reply = (error: Error | null, response?: unknown) => void;
/** The methods of Pulumi's ResourceMonitor service without a transport, as the SDK's own client has them. */
export type Monitor = Record<string, (request: never, reply: Reply) => void>;

const { ResourceMonitorFeature: Feature } = proto;
/** By the names of the older way to ask. Resource references stay off, so that resources arrive as ids and URNs. */
const features: Record<string, number> = {
  secrets: Feature.RESOURCE_MONITOR_FEATURE_SECRETS,
  deletedWith: Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replacementTrigger: Feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
};

/** A monitor of these methods and of those by which the SDK gets to know its monitor. */
export function monitorOf(methods: object): Monitor {
  const all = {
    getDeploymentInfo: answer(async () => {
      const info = new proto.DeploymentInfo();
      info.setSupportedfeaturesList(Object.values(features));
      return info;
    }),
    supportsFeature: answer(async (request: SupportsFeatureRequest) => {
      const response = new proto.SupportsFeatureResponse();
      response.setHassupport(request.getId() in features);
      return response;
    }),
    signalAndWaitForShutdown: answer(async () => new empty.Empty()),
    close() {},
    ...methods,
  };
  // The SDK asks for more with every version; what is not here answers as a server would that does not know it.
  return new Proxy(all as unknown as Monitor, {
    get: (target, name) =>
      name in target || typeof name === "symbol" || name === "then" ? target[name as string] : unimplemented(name),
  });
}

/** An error in here is a bug; the program gets it as a failed call and the run as a failure. */
export function answer<Request>(method: (request: Request) => Promise<unknown>) {
  return (request: Request, reply: Reply): void => {
    method(request).then(
      (response) => reply(null, response),
      (error: unknown) => reply(error instanceof Error ? error : new Error(String(error))),
    );
  };
}

function unimplemented(name: string) {
  return (_: unknown, reply: Reply): void => {
    const message = `The embedded engine has no ${name}.`;
    reply(Object.assign(new Error(message), { code: 12, details: message, metadata: undefined }));
  };
}
