import { stackPaths } from "../../../components/provider/paths.ts";
import { assumedOutputs } from "../../../installer/declared/assumed.ts";
import { type Evaluation, evaluate } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import { programConfig } from "../../../installer/program-config.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import program from "../../../stacks/index.ts";

/** An object of a cluster as the program wants it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  // Specifications differ by kind; tests name the part they look at.
  // biome-ignore lint/suspicious/noExplicitAny: what a test says of a part is checked by the test itself.
  [part: string]: any;
}

/** What every test's stack has; `flags` are further settings by their full names. */
export const example = {
  "stack.kind": "saas",
  "stack.name": "test",
  "network.domain": "dev.example.com",
  "network.email": "ops@example.com",
  "images.glue": "registry.example.com/devflow/glue:0.1.0",
  "images.byDigest": false,
};

/** What the program of a stack in a cluster declares with these settings, without a cluster. */
export function declare(flags: Record<string, unknown> = {}): Promise<Evaluation> {
  const { settings } = resolveSettings({ flags: { ...example, ...flags }, env: {}, cwd: "/" });
  return evaluate({
    program,
    project: "devflow",
    stack: settings.stack.name,
    config: programConfig(settings, stackPaths("/home", settings.stack.name)),
    outputsOf: assumedOutputs,
  });
}

/** Every object of the cluster, secrets in the clear, in the order in which they are declared. */
export function manifestsOf({ goals }: Evaluation): Manifest[] {
  return goals
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => reveal(inputs) as unknown as Manifest);
}

/** The one object of this kind and name. @throws when there is none or there are several */
export function find(manifests: Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind && one.metadata.name === name);
  const [one] = found;
  if (!one || found.length > 1) throw new Error(`there are ${found.length} objects ${kind} ${name}`);
  return one;
}
