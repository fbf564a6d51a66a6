import type { Json, Properties } from "../engine/values.ts";

/** A resource as Pulumi's state has it. */
export interface StateResource {
  urn: string;
  type: string;
  custom?: boolean;
  inputs?: Properties;
  /** It refuses to be deleted. */
  protect?: boolean;
  /** Deleting the stack leaves it where it is. */
  retainOnDelete?: boolean;
}

/** Something of a stack that holds what cannot be made again. */
export interface Holder {
  what: string;
  name: string;
  /** What becomes of it when the stack is destroyed. */
  fate: "protected" | "kept" | "deleted";
  /** @example "a last snapshot stays" */
  note: string;
}

/** What of a stack's state holds data, keys or backups, in the order of the table below. */
export function holdersOf(resources: StateResource[]): Holder[] {
  return kinds.flatMap(({ type, what, key, note = "" }) =>
    resources
      .filter((resource) => resource.type === type)
      .map(({ urn, inputs = {}, protect, retainOnDelete }): Holder => {
        const named = at(inputs, key);
        return {
          what,
          name: typeof named === "string" ? named : (urn.split("::").at(-1) ?? urn),
          fate: protect ? "protected" : retainOnDelete ? "kept" : "deleted",
          note,
        };
      }),
  );
}

const kinds: { type: string; what: string; key: string[]; note?: string }[] = [
  {
    type: "aws:rds/instance:Instance",
    what: "database server",
    key: ["identifier"],
    note: "a last snapshot stays",
  },
  { type: "kubernetes:postgresql.cnpg.io/v1:Cluster", what: "database server", key: ["metadata", "name"] },
  { type: "devflow:index:PostgresDatabase", what: "database", key: ["name"], note: "goes with its server" },
  {
    type: "aws:s3/bucket:Bucket",
    what: "bucket",
    key: ["bucket"],
    note: "only an empty one can be deleted",
  },
  { type: "devflow:index:S3Bucket", what: "bucket", key: ["bucket"], note: "goes with its server" },
  {
    type: "aws:backup/vault:Vault",
    what: "backup vault",
    key: ["name"],
    note: "its copies stay until their days are over",
  },
  { type: "docker:index/volume:Volume", what: "volume", key: ["name"] },
  { type: "kubernetes:core/v1:PersistentVolumeClaim", what: "volume", key: ["metadata", "name"] },
  {
    type: "aws:kms/key:Key",
    what: "key",
    key: ["description"],
    note: "what it encrypted is lost without it",
  },
  {
    type: "aws:secretsmanager/secret:Secret",
    what: "secret",
    key: ["name"],
    note: "can be brought back for some days",
  },
  { type: "aws:eks/cluster:Cluster", what: "cluster", key: ["name"] },
];

function at(value: Json | undefined, path: string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (node, key) => (typeof node === "object" && node !== null && !Array.isArray(node) ? node[key] : undefined),
    value,
  );
}
