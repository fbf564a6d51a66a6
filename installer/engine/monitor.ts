import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { refuseUnsupported, toGoal } from "./goal.ts";
import { read } from "./read.ts";
import { type Registered, register } from "./register.ts";
import type { Run } from "./run.ts";
import { hasUnknown, type Json, type Properties } from "./values.ts";

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

export function createMonitor(run: Run): Monitor {
  return monitorOf({
    registerResource: answer(async (request: RegisterResourceRequest) => {
      const goal = toGoal(request, run.stack, run.project);
      return registered(await register(run, goal, () => refuseUnsupported(request)));
    }),
    registerResourceOutputs: answer(async (request: RegisterResourceOutputsRequest) => {
      await registerOutputs(run, request.getUrn(), (request.getOutputs()?.toJavaScript() ?? {}) as Properties);
      return new empty.Empty();
    }),
    readResource: answer(async (request: ReadResourceRequest) => {
      const { urn, properties, unknown } = await read(run, request);
      const response = new proto.ReadResourceResponse();
      response.setUrn(urn);
      response.setProperties(struct.Struct.fromJavaScript(properties));
      response.setUnknown(unknown);
      return response;
    }),
  });
}

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

export function registered({ urn, id, properties, unknown }: Registered): object {
  const response = new proto.RegisterResourceResponse();
  response.setUrn(urn);
  response.setId(id);
  response.setObject(struct.Struct.fromJavaScript(properties));
  response.setUnknown(unknown);
  return response;
}

// --- internal ---

/** Outputs of components and of the stack. What is not known (a preview, something failed) leaves the former value. */
async function registerOutputs(run: Run, urn: string, outputs: Properties): Promise<void> {
  run.secrets.note(outputs);
  const resource = run.ledger.snapshot.resources.get(urn);
  if (resource?.parent === undefined) run.outputs = outputs;
  if (resource === undefined) return;
  const known = (value: Json) => !hasUnknown(value);
  const next = Object.fromEntries(
    Object.entries(outputs).flatMap(([key, value]) => {
      const kept = known(value) ? value : resource.outputs[key];
      return kept === undefined ? [] : [[key, kept] as const];
    }),
  );
  if (JSON.stringify(next) !== JSON.stringify(resource.outputs)) {
    await run.ledger.record({ put: { ...resource, outputs: next } });
  }
}

function unimplemented(name: string) {
  return (_: unknown, reply: Reply): void => {
    const message = `The embedded engine has no ${name}.`;
    reply(Object.assign(new Error(message), { code: 12, details: message, metadata: undefined }));
  };
}
