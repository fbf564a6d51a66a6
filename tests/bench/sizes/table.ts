import { connectionsOf as connectionsOfHost } from "../../../glue-services/kit/database/budget.ts";
import { estimate } from "../../../installer/cost/estimate.ts";
import { awsSize } from "../../../stacks/aws-sizes.ts";
import { connectionsOf } from "../../../stacks/config/connections.ts";
import { sizeNames } from "../../../stacks/config/schema/kubernetes.ts";
import { sharesOf } from "../../../stacks/connections.ts";
import { nodesOf, sizes } from "../../../stacks/sizes.ts";
import { goalsOf, type Sums, settingsOf, sumsOf, type Variant } from "./sums.ts";

/** Services with a schema of their own in the database: another number changes the table by little. */
const stored = 5;

export interface Row extends Variant {
  sums: Sums;
  /** Those that the platform's PostgreSQL accepts, and the most of them that are taken. */
  connections: { accepted: number; taken: number };
  /** USD a month; undefined where the cluster is somebody else's. */
  monthly: number | undefined;
  nodes: string;
}

/** Each size of both kinds, with and without `ha`, of a usual stack and of one with every product. */
export const variants: Variant[] = (["saas", "dedicated"] as const).flatMap((kind) =>
  sizeNames.flatMap((size) =>
    [false, true].flatMap((ha) => [false, true].map((every): Variant => ({ kind, size, ha, every }))),
  ),
);

export async function rowOf(variant: Variant): Promise<Row> {
  const settings = settingsOf(variant);
  const goals = await goalsOf(settings);
  return {
    ...variant,
    sums: sumsOf(goals),
    connections: connectionsIn(settings, variant),
    monthly: estimate(goals, settings.aws.region)?.monthly,
    nodes: nodes(variant),
  };
}

function connectionsIn(settings: ReturnType<typeof settingsOf>, { size }: Variant): Row["connections"] {
  const { sizing } = sizes[size];
  const accepted = sizing.postgres.maxConnections;
  const { hosts, others } = sharesOf({ ...settings, sizing });
  const server = { accepts: accepted, keeps: connectionsOf.superusers };
  const { connections } = connectionsOfHost(server, stored, { hosts, others });
  return { accepted, taken: hosts * connections + others + connectionsOf.superusers };
}

function nodes({ kind, size, ha }: Variant): string {
  if (kind === "saas") {
    const { count, cores, memory } = nodesOf({ size, ha });
    return `${count} × ${cores} cores, ${memory} GiB`;
  }
  const { data, base, requests } = awsSize(size, ha).nodes;
  const kept = `${data.zones * data.nodes} × ${data.instance}, ${base.nodes} × ${base.instance}`;
  return `${kept}, spare ${requests.nodes} × ${requests.instances[0]}`;
}

const head = [
  ...["kind", "size", "`ha`", "products", "pods", "requests", "of these data", "limits", "volumes"],
  ...["PostgreSQL's connections", "nodes", "USD a month"],
];

/** The table of docs/measurements.md, section "Sizes". */
export function tableOf(rows: Row[]): string {
  const lines = rows.map(({ kind, size, ha, every, sums, connections, monthly, nodes }) => [
    ...[kind, size, ha ? "yes" : "no", every ? "all" : "usual"],
    sums.pods.least === sums.pods.most ? String(sums.pods.least) : `${sums.pods.least} to ${sums.pods.most}`,
    `${(sums.requests.cpu / 1000).toFixed(1)} cores, ${gib(sums.requests.memory)}`,
    ...[gib(sums.kept), gib(sums.limits), `${sums.volumes} GiB`],
    `${connections.taken} of ${connections.accepted}`,
    nodes,
    monthly === undefined ? "" : Math.round(monthly).toLocaleString("en"),
  ]);
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function gib(mebibytes: number): string {
  return `${(mebibytes / 1024).toFixed(1)} GiB`;
}
