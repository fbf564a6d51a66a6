import type { Finding } from "../../policy/rule.ts";
import { judge } from "../../policy/rules/index.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { type Estimate, estimate } from "../cost/estimate.ts";
import type { Evaluation } from "../engine/index.ts";
import { removed, type Stored } from "./change.ts";
import { type Download, downloads, type Migration, migrations } from "./images.ts";
import { ownerOf } from "./owner.ts";
import { type Row, rowsOf } from "./rows.ts";

/** All that a stack of containers or of a cloud comes to, before anything is touched. Plain data. */
export interface Blueprint {
  stack: string;
  kind: Settings["stack"]["kind"];
  /** What the changes are told by: the engine itself, the state as it was last written, or the program alone. */
  basis: "engine" | "state" | "program";
  rows: Row[];
  images: Download[];
  /** GiB that volumes of a known size keep. */
  volumes: { count: number; size: number };
  /** MiB that all together may take, and the names of those without a limit. */
  memory: { limit: number; unlimited: string[] };
  migrations: Migration[];
  /** URNs of what is no longer declared. */
  removed: string[];
  /** Absent where nothing is rented. */
  cost?: Estimate;
  /** What goes against the policy pack; `up` refuses it. */
  violations: Finding[];
}

/**
 * @param stored inputs as they were last carried out, by URN; undefined when nobody knows
 */
export function blueprint(
  settings: Pick<Settings, "stack" | "aws" | "images">,
  { goals }: Pick<Evaluation, "goals">,
  stored: Stored,
): Blueprint {
  const rows = rowsOf(goals, stored);
  const running = rows.filter(({ images }) => images.length > 0);
  const volumes = rows.flatMap((row) => row.volumes.map(({ size }) => size * row.count));
  const cost = estimate(goals, settings.aws.region);
  return {
    stack: settings.stack.name,
    kind: settings.stack.kind,
    basis: stored ? "state" : "program",
    rows,
    images: downloads(goals, stored),
    volumes: { count: volumes.length, size: volumes.reduce((sum, size) => sum + size, 0) },
    memory: {
      limit: rows.reduce((sum, { memory }) => sum + (memory ?? 0), 0),
      unlimited: running.filter(({ memory }) => memory === undefined).map(({ name }) => name),
    },
    migrations: migrations(goals, stored, ownerOf(goals)),
    removed: removed(goals, stored),
    ...(cost && { cost }),
    violations: judge(
      goals.map((goal) => ({ ...goal, dependencies: goal.propertyDependencies })),
      settings.images.byDigest ? ["images-by-digest"] : [],
    ),
  };
}
