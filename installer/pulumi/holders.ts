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
  const fateOf = fates(resources);
  return kinds.flatMap(({ type, what, key, note = "" }) =>
    resources
      .filter((resource) => resource.type === type)
      .map((resource): Holder => {
        const { urn, inputs = {} } = resource;
        const named = at(inputs, key);
        const name = typeof named === "string" ? named : (urn.split("::").at(-1) ?? urn);
        return { what, name, note, ...fateOf(resource) };
      }),
  );
}

/**
 * What becomes of each. What Pulumi leaves where it is goes all the same when that goes: a volume with its namespace, a
 * database with its server.
 */
function fates(resources: StateResource[]): (resource: StateResource) => Pick<Holder, "fate"> & { note?: string } {
  const going = (type: string) => resources.filter((one) => one.type === type && ownFate(one) === "deleted");
  const namespaces = going(namespaceType).map(({ inputs = {} }) => at(inputs, ["metadata", "name"]));
  const servers = serverTypes.flatMap(going);
  return (resource) => {
    const fate = ownFate(resource);
    if (fate !== "kept") return { fate };
    if (resource.type === claimType && namespaces.includes(at(resource.inputs, ["metadata", "namespace"]))) {
      return { fate: "deleted", note: "goes with its namespace; its disk stays where its class says Retain" };
    }
    const around = resource.type === databaseType ? servers : resource.type === bucketType ? namespaces : [];
    return { fate: around.length > 0 ? "deleted" : "kept" };
  };
}

function ownFate({ protect, retainOnDelete }: StateResource): Holder["fate"] {
  return protect ? "protected" : retainOnDelete ? "kept" : "deleted";
}

const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
const serverTypes = ["aws:rds/instance:Instance", "kubernetes:postgresql.cnpg.io/v1:Cluster"];
const databaseType = "devflow:index:PostgresDatabase";
/** A bucket on the stack's own object storage, which keeps it in a volume. */
const bucketType = "devflow:index:S3Bucket";

const namespaceType = "kubernetes:core/v1:Namespace";

const kinds: { type: string; what: string; key: string[]; note?: string }[] = [
  {
    type: "aws:rds/instance:Instance",
    what: "database server",
    key: ["identifier"],
    note: "a last snapshot stays",
  },
  { type: "kubernetes:postgresql.cnpg.io/v1:Cluster", what: "database server", key: ["metadata", "name"] },
  { type: databaseType, what: "database", key: ["name"], note: "goes with its server" },
  {
    type: "aws:s3/bucket:Bucket",
    what: "bucket",
    key: ["bucket"],
    note: "only an empty one can be deleted",
  },
  { type: bucketType, what: "bucket", key: ["bucket"], note: "goes with its server" },
  {
    type: "aws:backup/vault:Vault",
    what: "backup vault",
    key: ["name"],
    note: "its copies stay until their days are over",
  },
  { type: "docker:index/volume:Volume", what: "volume", key: ["name"] },
  { type: namespaceType, what: "namespace", key: ["metadata", "name"], note: "takes all that is in it along" },
  { type: claimType, what: "volume", key: ["metadata", "name"] },
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
