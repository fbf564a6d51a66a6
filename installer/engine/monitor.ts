import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { refuseUnsupported, toGoal } from "./goal.ts";
import { answer, type Monitor, monitorOf } from "./monitor-of.ts";
import { read } from "./read.ts";
import { type Registered, register } from "./register.ts";
import type { Run } from "./run.ts";
import { hasUnknown, type Json, type Properties } from "./values.ts";

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
