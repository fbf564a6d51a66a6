import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { Pending, pendingKey, Resource } from "./resource.ts";
import { emptySnapshot, inOrder, type Snapshot } from "./snapshot.ts";
import type { Json } from "./values.ts";
import { type Vault, VaultHeader } from "./vault.ts";

/** The state file: Pulumi's deployment (version 3) with a serial number beside it. */
export const StateFile = Type.Object({
  version: Type.Literal(3),
  /** Counts the times the file was written; a journal names the one it continues. */
  serial: Type.Integer({ minimum: 0 }),
  deployment: Type.Object({
    manifest: Type.Object({ time: Type.String(), magic: Type.String(), version: Type.String() }),
    secrets_providers: VaultHeader,
    resources: Type.Array(Resource),
    pending_operations: Type.Array(Pending),
  }),
});
export type StateFile = Static<typeof StateFile>;

const stateFile = Compile(StateFile);

/** @throws Error that says what is wrong with the text. */
export function parseState(text: string): StateFile {
  const value: unknown = JSON.parse(text);
  if (stateFile.Check(value)) return value;
  const [problem] = stateFile.Errors(value);
  throw new Error(`${problem?.instancePath || "/"} ${problem?.message}`);
}

export function toSnapshot({ deployment }: StateFile, vault: Vault): Snapshot {
  const snapshot = emptySnapshot();
  for (const stored of deployment.resources) {
    if (isDefaultProvider(stored)) continue;
    const resource = unsealed(stored, vault);
    if (resource.delete) snapshot.superseded.push(resource);
    else snapshot.resources.set(resource.urn, resource);
  }
  for (const stored of deployment.pending_operations) {
    const pending = { ...stored, resource: unsealed(stored.resource, vault) };
    snapshot.pending.set(pendingKey(pending), pending);
  }
  return snapshot;
}

export function fromSnapshot(snapshot: Snapshot, serial: number, vault: Vault): StateFile {
  const resources = [...inOrder(snapshot), ...snapshot.superseded];
  const pending = [...snapshot.pending.values()];
  const references = new Set([...resources, ...pending.map((one) => one.resource)].map((one) => one.provider));
  return {
    version: 3,
    serial,
    deployment: {
      manifest: { time: new Date().toISOString(), magic: "", version: "devflow" },
      secrets_providers: vault.header,
      resources: [
        ...[...references].filter((reference) => reference !== undefined).map(defaultProvider),
        ...resources.map((resource) => sealed(resource, vault)),
      ],
      pending_operations: pending.map((one) => ({ ...one, resource: sealed(one.resource, vault) })),
    },
  };
}

/** The reference `<urn>::<id>` of the default provider that Pulumi's engine would make for a resource's package. */
export function providerReference(stack: string, project: string, type: string): string {
  const pkg = type.split(":")[0] ?? type;
  return `urn:pulumi:${stack}::${project}::pulumi:providers:${pkg}::default::embedded`;
}

/** Secrets of anything that is written, sealed. */
export function sealed<Value>(value: Value, vault: Vault): Value {
  return vault.seal(value as Json) as Value;
}

export function unsealed<Value>(value: Value, vault: Vault): Value {
  return vault.unseal(value as Json) as Value;
}

// --- internal ---

function defaultProvider(reference: string): Resource {
  const [, prefix = "", id = ""] = reference.match(/^(.*)::([^:]+)$/) ?? [];
  const type = prefix.split("::")[2] ?? "";
  return {
    urn: prefix,
    type,
    custom: true,
    id,
    inputs: {},
    outputs: {},
    dependencies: [],
    propertyDependencies: {},
  };
}

function isDefaultProvider(resource: Resource): boolean {
  return resource.id === "embedded" && resource.type.startsWith("pulumi:providers:");
}
