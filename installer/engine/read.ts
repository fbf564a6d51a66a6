import type { ReadResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { DevflowError } from "../../components/error.ts";
import { call, inSlot } from "./effect.ts";
import { markOutputs } from "./outputs.ts";
import type { Registered } from "./register.ts";
import type { Resource } from "./resource.ts";
import { done, fail, newStep, providerOf, type Run, skip } from "./run.ts";
import { makeUrn } from "./urn.ts";
import { hasUnknown, isSecret, type Properties, reveal, revealAll, secret } from "./values.ts";

const stackReference = "pulumi:pulumi:StackReference";

/** Answers `Resource.get` and StackReference: something that exists and that this stack does not manage. Never throws. */
export async function read(run: Run, request: ReadResourceRequest): Promise<Registered> {
  const [type, id, parent] = [request.getType(), request.getId(), request.getParent()];
  const urn = makeUrn(run.stack, run.project, parent, type, request.getName());
  const dependencies = request.getDependenciesList();
  const inputs = (request.getProperties()?.toJavaScript() ?? {}) as Properties;
  const since = performance.now();
  const step = newStep(run, { urn, type, custom: true, op: "read", dependencies, ...(parent ? { parent } : {}) });
  run.declared.add(urn);
  try {
    const waitsFor = dependencies.find((one) => run.broken.has(one));
    if (waitsFor !== undefined) {
      skip(run, step, waitsFor);
      return { urn, id, properties: {}, unknown: true };
    }
    if (hasUnknown(id) || hasUnknown(inputs)) {
      done(run, step, since);
      return { urn, id: "", properties: {}, unknown: true };
    }
    const outputs = type === stackReference ? await stackOutputs(run, id) : await readExisting();
    run.secrets.note(outputs);
    const resource: Resource = {
      ...{ urn, type, custom: true, external: true, id, inputs, outputs, dependencies, propertyDependencies: {} },
      ...(parent ? { parent } : {}),
    };
    await run.ledger.record({ put: resource });
    done(run, step, since);
    return { urn, id, properties: outputs, unknown: false };
  } catch (error) {
    fail(run, step, error);
    return { urn, id, properties: {}, unknown: true };
  }

  async function readExisting(): Promise<Properties> {
    const provider = providerOf(run, type);
    const found = await inSlot(run, () =>
      call(run, urn, undefined, (context) => provider.read?.(id, revealAll(inputs), {}, context)),
    );
    if (found === undefined) {
      throw new DevflowError("NOT_FOUND", `There is no ${type} with the id ${id}.`, {
        hint: "Create it first, or correct the id the program looks it up by.",
      });
    }
    return markOutputs(found, provider, request.getAdditionalsecretoutputsList(), inputs);
  }
}

// --- internal ---

async function stackOutputs(run: Run, name: string): Promise<Properties> {
  const outputs = await run.readStack(name);
  if (outputs === undefined) {
    throw new DevflowError("NOT_FOUND", `There is no stack ${name} to take outputs from.`, {
      hint: "Bring that stack up first, or correct its name.",
    });
  }
  const secretOutputNames = Object.keys(outputs).filter((key) => isSecret(outputs[key]));
  // Marks do not nest: one secret among them makes all of `outputs` one.
  const marked = secretOutputNames.length > 0 ? secret(reveal(outputs)) : outputs;
  return { name, outputs: marked, secretOutputNames };
}
