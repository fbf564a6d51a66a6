import { output } from "@pulumi/pulumi";
import type { Target } from "../../components/component.ts";
import type { AwsSurroundings } from "../../components/primitives/aws-surroundings.ts";
import { type Calls, calls } from "../../components/primitives/calls.ts";
import { frontDoor } from "../../components/primitives/kubernetes/front-door.ts";
import type { KubernetesSurroundings } from "../../components/primitives/kubernetes-surroundings.ts";
import { type Surroundings, within } from "../../components/surroundings.ts";
import { assumedAnswer, assumedOutputs } from "../../installer/declared/assumed.ts";
import { type Evaluation, evaluate } from "../../installer/engine/index.ts";
import { scaleOf } from "../../stacks/sizes.ts";

/** What a stack's program makes before its products, on targets that have something of the kind. */
const around: Record<Exclude<Target, "local">, () => Surroundings> = {
  docker: () => ({
    docker: {
      ...{ network: "inner", outer: "outer", alone: "alone", prefix: "devflow-test", glue: "glue" },
      ...{ outbound: { env: {} }, calls: complete(), confined: new Map() },
    },
  }),
  kubernetes: () => ({ kubernetes: cluster() }),
  aws: () => ({ kubernetes: cluster(), aws: account() }),
};

/** What a program declares on a target. */
export function evaluateOn(target: Exclude<Target, "local">, program: () => unknown): Promise<Evaluation> {
  return evaluate({
    program: async () => within(around[target](), program) as Record<string, unknown> | undefined,
    project: "devflow",
    stack: "test",
    config: { "devflow:target": target },
    outputsOf: assumedOutputs,
    invoke: assumedAnswer,
  });
}

function account(): AwsSurroundings {
  const subnets = (tier: string) => ["a", "b", "c"].map((zone) => output(`subnet-${tier}-${zone}`));
  return {
    ...{ prefix: "test", region: "eu-central-1", account: "123456789012", cidr: "10.80.0.0/16", zone: "example.com" },
    ...{ retention: 30, protect: true, vpc: output("vpc-test"), key: output("arn:aws:kms:eu-central-1::key/test") },
    subnets: { public: subnets("public"), private: subnets("private"), data: subnets("data") },
    cluster: { name: output("test"), securityGroup: output("sg-test"), scalingGroups: [output("asg-test")] },
    ...{ publicBlocks: ["10.80.16.0/21"], outbound: [output("203.0.113.9")] },
    database: { instance: "db.m7g.large", standby: true, storage: 100, maxStorage: 500 },
    backups: output("backups"),
    ...{ logsKey: output("arn:aws:kms:eu-central-1::key/logs"), alarms: output("arn:aws:sns:eu-central-1::alarms") },
    accessLogs: "test-access",
    told: { buckets: new Map(), secrets: new Map() },
  };
}

/** As with the hosts. */
function complete(): Calls {
  const made = calls();
  queueMicrotask(() => made.close());
  return made;
}

function cluster(): KubernetesSurroundings {
  const door = frontDoor({
    addresses: ["10.0.0.0/8"],
    kind: "gateway",
    class: "traefik",
    controllerNamespace: "traefik",
    ports: { http: 8000, https: 8443 },
    issuer: { name: "letsencrypt", kind: "ClusterIssuer" },
  });
  // The hosts of a stack are known when all of it is composed, which a single component never is.
  queueMicrotask(() => door.close());
  return {
    namespace: "devflow-test",
    frontDoor: door,
    calls: complete(),
    places: new Map(),
    operators: { cloudNativePg: "cnpg-system", keda: "keda" },
    images: { services: "registry.example.com/devflow/glue:0.1.0" },
    generation: "0f0f0f0f-0000-4000-8000-000000000000",
    workloads: new Map(),
    scale: scaleOf({ size: "small", ha: true }),
  };
}
