import type { Target } from "../../components/component.ts";
import { type Surroundings, within } from "../../components/surroundings.ts";
import { assumedAnswer, assumedOutputs } from "../../installer/declared/assumed.ts";
import { type Evaluation, evaluate } from "../../installer/engine/index.ts";

/** What a stack's program makes before its products, on targets that have something of the kind. */
const around: Record<Exclude<Target, "local">, Surroundings> = {
  docker: {
    docker: { network: "inner", outer: "outer", prefix: "devflow-test", glue: "glue", outbound: { env: {} } },
  },
  kubernetes: { kubernetes: { namespace: "devflow-test" } },
  aws: { kubernetes: { namespace: "devflow-test" } },
};

/** What a program declares on a target. */
export function evaluateOn(target: Exclude<Target, "local">, program: () => unknown): Promise<Evaluation> {
  return evaluate({
    program: async () => within(around[target], program) as Record<string, unknown> | undefined,
    project: "devflow",
    stack: "test",
    config: { "devflow:target": target },
    outputsOf: assumedOutputs,
    invoke: assumedAnswer,
  });
}
