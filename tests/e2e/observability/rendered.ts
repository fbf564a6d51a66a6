import { parse } from "yaml";
import { declared } from "../../../installer/declared/declared.ts";
import type { Evaluation } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import { example } from "../../stacks/saas/manifests.ts";

/** A collector's configuration, as far as a test looks into it. */
export interface CollectorConfiguration {
  // biome-ignore lint/suspicious/noExplicitAny: of the shape that the collector's program decides.
  [part: string]: any;
}

/** What a kind of stack gives its programs to read. */
export interface Rendered {
  collector: CollectorConfiguration;
  reader: CollectorConfiguration;
  prometheus: string;
  alerts: string;
}

const kinds = { onprem: { "stack.kind": "onprem", "stack.name": "box" }, saas: example };

/** The configurations of a whole stack, as its program declares them. */
export async function rendered(kind: keyof typeof kinds): Promise<Rendered> {
  const { settings } = resolveSettings({ flags: { ...kinds[kind], profile: "full" }, env: {}, cwd: "/" });
  const stack = await declared(settings);
  if (stack.errors.length > 0) throw stack.errors[0];
  const file = kind === "onprem" ? dockerFile : clusterFile;
  return {
    collector: parse(file(stack, "collector", "collector.yaml")),
    reader: parse(readerOf(stack)),
    prometheus: file(stack, "metrics", "prometheus.yml"),
    alerts: file(stack, "metrics", "alerts.yml"),
  };
}

type Inputs = Record<string, Record<string, unknown>>;

function inputsOf({ goals }: Evaluation, type: string, name: string): Inputs {
  const found = goals.find((goal) => goal.type === type && goal.name === name);
  if (!found) throw new Error(`the stack declares no ${type} ${name}`);
  return reveal(found.inputs) as Inputs;
}

function dockerFile(stack: Evaluation, workload: string, file: string): string {
  return String(inputsOf(stack, "devflow:index:ContainerFiles", workload).files?.[file]);
}

function clusterFile(stack: Evaluation, workload: string, file: string): string {
  return String(inputsOf(stack, "kubernetes:core/v1:Secret", `${workload}-config`).stringData?.[file]);
}

function readerOf(stack: Evaluation): string {
  const set = stack.goals.find(({ type }) => type === "kubernetes:apps/v1:DaemonSet");
  if (set) {
    const { spec } = reveal(set.inputs) as {
      spec: { template: { spec: { containers: { env: { value: string }[] }[] } } };
    };
    return spec.template.spec.containers[0]?.env[0]?.value ?? "";
  }
  const { envs } = inputsOf(stack, "docker:index/container:Container", "log-reader") as unknown as { envs: string[] };
  return envs.find((each) => each.startsWith("DEVFLOW_READER="))?.slice("DEVFLOW_READER=".length) ?? "";
}
