import { type handleUnaryCall, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as Proto from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { DevflowError } from "../../components/error.ts";
import type { Host } from "../../components/provider/host.ts";
import type { Context, ProviderTable } from "../../components/provider/provider.ts";
import { problems } from "./check.ts";
import { decide, type Provider } from "./decide.ts";
import { engineLog, type Tell } from "./engine-log.ts";
import { type Served, serve } from "./grpc.ts";
import { markOutputs } from "./outputs.ts";
import { urnName, urnType } from "./urn.ts";
import { hasUnknown, type Properties, revealAll } from "./values.ts";

/**
 * Serves the provider table as a Pulumi resource provider plugin, so that `pulumi up` on the same program does what the
 * embedded engine does. The caller prints the port and a line feed on stdout, as the plugin protocol asks.
 *
 * @param host makes what the providers work with from the program's own configuration, once
 * @param engine address of Pulumi's engine, the plugin's first argument; progress is told to it.
 */
export async function servePlugin(providers: ProviderTable, host: HostFor, engine?: string): Promise<Served> {
  const stop = new AbortController();
  const tell = engine === undefined ? () => {} : engineLog(engine);
  const service = providerServices.ResourceProviderService as unknown as ServiceDefinition;
  const served = await serve([[service, handlers(providers, host, stop, tell)]]);
  return {
    ...served,
    close() {
      stop.abort();
      return served.close();
    },
  };
}

/** Makes what providers work with from the program's configuration, names without their `devflow:`. */
export type HostFor = (configuration: Properties) => Promise<Host>;

// --- internal ---

function handlers(providers: ProviderTable, hostFor: HostFor, stop: AbortController, tell: Tell) {
  let configuration: Properties = {};
  let host: Promise<Host> | undefined;
  const providerOf = (urn: string): Provider => {
    const provider = providers[urnType(urn)];
    if (provider) return provider;
    throw new DevflowError("UNSUPPORTED", `The plugin devflow has no resources of the type ${urnType(urn)}.`, {
      hint: "Use the plugin of the same version as the program.",
    });
  };
  const contextOf = async (urn: string): Promise<Context> => {
    host ??= hostFor(configuration);
    return {
      ...{ host: await host, urn, name: urnName(urn), signal: stop.signal },
      report: ({ phase, note }) => tell(note === undefined ? phase : `${phase}: ${note}`, urn),
    };
  };

  return {
    handshake: unary(() => {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    configure: unary((request: Proto.ConfigureRequest) => {
      configuration = properties(request.getArgs());
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    checkConfig: unary((request: Proto.CheckRequest) => {
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary(() => {
      const response = new proto.DiffResponse();
      response.setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE);
      return response;
    }),
    attach: unary(() => new empty.Empty()),
    cancel: unary(() => {
      stop.abort();
      return new empty.Empty();
    }),
    getPluginInfo: unary(() => {
      const info: PluginInfo = new plugin.PluginInfo();
      info.setVersion("0.1.0");
      return info;
    }),
    getSchema: unary(() => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: "devflow", version: "0.1.0" }));
      return response;
    }),

    check: unary((request: Proto.CheckRequest) => {
      const response = new proto.CheckResponse();
      const inputs = properties(request.getNews());
      response.setInputs(request.getNews());
      for (const { path, message } of problems(providerOf(request.getUrn()).inputs, inputs)) {
        const failure = new proto.CheckFailure();
        failure.setProperty(path);
        failure.setReason(message);
        response.addFailures(failure);
      }
      return response;
    }),

    diff: unary((request: Proto.DiffRequest) => {
      const inputs = properties(request.getNews());
      const before = request.hasOldInputs() ? request.getOldInputs() : request.getOlds();
      const { op, diff, replaceKeys, deleteFirst } = decide({
        provider: providerOf(request.getUrn()),
        inputs,
        old: stored(request.getUrn(), request.getId(), properties(before)),
        ...{ replaceOnChanges: [], replacementTrigger: undefined, deleteBeforeReplace: undefined },
        ...{ gone: false, interrupted: undefined, mustReplace: undefined },
      });
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
      const response = new proto.DiffResponse();
      response.setChanges(op === "same" ? DIFF_NONE : DIFF_SOME);
      response.setDiffsList([...new Set(diff.map(({ path }) => path.split(/[.[]/)[0] ?? path))]);
      response.setReplacesList(replaceKeys);
      response.setDeletebeforereplace(op === "replace" && deleteFirst);
      return response;
    }),

    create: unary(async (request: Proto.CreateRequest) => {
      const urn = request.getUrn();
      const [provider, inputs] = [providerOf(urn), properties(request.getProperties())];
      const made = request.getPreview()
        ? { id: "", outputs: expected(provider, inputs, await contextOf(urn)) }
        : await provider.create(revealAll(inputs), await contextOf(urn));
      const response = new proto.CreateResponse();
      response.setId(made.id);
      response.setProperties(outputs(provider, inputs, made.outputs));
      return response;
    }),

    update: unary(async (request: Proto.UpdateRequest) => {
      const urn = request.getUrn();
      const [provider, inputs] = [providerOf(urn), properties(request.getNews())];
      const former = {
        inputs: revealAll(properties(request.getOldInputs())),
        outputs: revealAll(properties(request.getOlds())),
      };
      const after = request.getPreview()
        ? expected(provider, inputs, await contextOf(urn))
        : await provider.update?.(request.getId(), revealAll(inputs), former, await contextOf(urn));
      const response = new proto.UpdateResponse();
      response.setProperties(outputs(provider, inputs, after ?? {}));
      return response;
    }),

    read: unary(async (request: Proto.ReadRequest) => {
      const urn = request.getUrn();
      const [provider, inputs] = [providerOf(urn), properties(request.getInputs())];
      const known = properties(request.getProperties());
      const found = provider.read
        ? await provider.read(request.getId(), revealAll(inputs), revealAll(known), await contextOf(urn))
        : known;
      const response = new proto.ReadResponse();
      // No id says that it is gone.
      if (found === undefined) return response;
      response.setId(request.getId());
      response.setProperties(outputs(provider, inputs, found));
      response.setInputs(request.getInputs());
      return response;
    }),

    delete: unary(async (request: Proto.DeleteRequest) => {
      const urn = request.getUrn();
      const [inputs, known] = [properties(request.getOldInputs()), properties(request.getProperties())];
      await providerOf(urn).delete(request.getId(), revealAll(inputs), revealAll(known), await contextOf(urn));
      return new empty.Empty();
    }),
  };
}

function unary<Request, Response>(work: (request: Request) => Response | Promise<Response>) {
  const handler: handleUnaryCall<Request, Response> = (call, reply) => {
    const answered = async () => work(call.request);
    answered().then(
      (response) => reply(null, response),
      (error: unknown) => reply({ code: status.UNKNOWN, details: explained(error) }),
    );
  };
  return handler;
}

function explained(error: unknown): string {
  if (error instanceof DevflowError) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

function properties(message: struct.Struct | undefined): Properties {
  return (message?.toJavaScript() ?? {}) as Properties;
}

/** The inputs are among the outputs: in a preview the SDK takes what is missing for unknown. */
function outputs(provider: Provider, inputs: Properties, answer: object) {
  return struct.Struct.fromJavaScript({ ...inputs, ...markOutputs(answer, provider, [], inputs) });
}

function expected(provider: Provider, inputs: Properties, context: Context): object {
  return hasUnknown(inputs) ? {} : (provider.preview?.(revealAll(inputs), context) ?? {});
}

function stored(urn: string, id: string, inputs: Properties) {
  const type = urnType(urn);
  return { urn, type, custom: true, id, inputs, outputs: {}, dependencies: [], propertyDependencies: {} };
}
