import proto from "@pulumi/pulumi/proto/provider_pb.js";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import resourceProto from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { type Goal, toGoal } from "./goal.ts";
import { type ProgramBody, runInProcess } from "./in-process.ts";
import { answer, monitorOf } from "./monitor-of.ts";
import type { Properties } from "./values.ts";

export interface EvaluateOptions {
  program: ProgramBody;
  project: string;
  stack: string;
  /** By full name, as `devflow:target`. */
  config: Record<string, string>;
  /** What a resource has for outputs besides its inputs; `id` sets its id. @default nothing */
  outputsOf?: (goal: Goal) => Properties;
  /** What a function of a provider gives, by its token. @default {} */
  invoke?: (token: string, args: Properties) => Properties;
}

export interface Evaluation {
  /** Every resource the program declares, in the order it does, with its secrets marked. */
  goals: Goal[];
  /** Of the stack. */
  outputs: Properties;
  errors: unknown[];
}

/**
 * Runs a program for what it declares and does nothing: no provider is asked, every resource is taken to be made at once
 * with its inputs for outputs. So a plan for containers or a cloud can be seen and tested without either.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { program, project, stack, config, outputsOf = () => ({}), invoke = () => ({}) } = options;
  const goals: Goal[] = [];
  let outputs: Properties = {};
  const monitor = monitorOf({
    registerResource: answer(async (request: RegisterResourceRequest) => {
      const goal = toGoal(request, stack, project);
      goals.push(goal);
      const { urn, custom, name, inputs } = goal;
      const properties = custom ? { ...inputs, ...outputsOf(goal) } : inputs;
      const id = typeof properties.id === "string" ? properties.id : `${name}-id`;
      return registeredHere(urn, custom ? id : "", properties);
    }),
    registerResourceOutputs: answer(async (request: RegisterResourceOutputsRequest) => {
      const known = goals.find(({ urn }) => urn === request.getUrn());
      if (known?.parent === undefined) outputs = (request.getOutputs()?.toJavaScript() ?? {}) as Properties;
      return new empty.Empty();
    }),
    invoke: answer(async (request: ResourceInvokeRequest) => {
      const given = invoke(request.getTok(), (request.getArgs()?.toJavaScript() ?? {}) as Properties);
      const response = new proto.InvokeResponse();
      response.setReturn(struct.Struct.fromJavaScript(given));
      return response;
    }),
  });
  const errors = await runInProcess(
    monitor,
    { run: program, project, stack, preview: false, config, secretConfig: [] },
    () => {},
  );
  return { goals, outputs, errors };
}

/**
 * The answer to a registration. It never goes over a wire, so its properties are handed over as they are, in place of a
 * message made of them and read again; and the SDK, which writes each answer into a text for its log of debugging, gets the
 * resource's name for that.
 */
function registeredHere(urn: string, id: string, properties: Properties): object {
  const response = new resourceProto.RegisterResourceResponse();
  response.setUrn(urn);
  response.setId(id);
  return Object.assign(response, { getObject: () => ({ toJavaScript: () => properties }), toString: () => urn });
}
