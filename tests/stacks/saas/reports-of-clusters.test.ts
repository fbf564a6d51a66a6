import { isIP } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { declared } from "../../../installer/declared/declared.ts";
import type { Goal } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";
import { find, type Manifest, manifestsOf } from "./manifests.ts";

/** What others met who run the same programs, as their public reports say; each is kept from coming back by its test. */
describe("what others met in a cluster", () => {
  let manifests: Manifest[];
  beforeAll(async () => {
    const set = ["backups.destination=s3://example-backups/x", "components.observability=true", "kubernetes.ha=true"];
    const evaluation = await declared(exampleSettings("saas", set));
    expect(evaluation.errors).toEqual([]);
    manifests = manifestsOf(evaluation);
  });

  test("report 5: an archive that is not empty stops the log of a server that is made anew, and nobody sees it", () => {
    const { spec } = find(manifests, "Cluster", "postgres");
    const [{ parameters, isWALArchiver }] = spec.plugins;
    // A name of its own for each time that the stack is made.
    expect([isWALArchiver, parameters.serverName]).toEqual([true, expect.stringMatching(/^postgres-[0-9a-f]{8}$/)]);
    const { groups } = parse(find(manifests, "Secret", "metrics-config").stringData["alerts.yml"]);
    const alerts = groups[0].rules.map(({ alert }: { alert: string }) => alert);
    expect(alerts).toEqual(expect.arrayContaining(["ArchivingStopped", "ArchiveOld", "BaseBackupOld"]));
  });

  test("report 10: behind a proxy all people are one, and one of them shuts out all others", () => {
    const { env } = find(manifests, "Deployment", "platform").spec.template.spec.containers[0];
    const { value } = env.find(({ name }: { name: string }) => name === "DEVFLOW_FRONT_DOOR");
    const ranges: string[] = value.split(",");
    expect(ranges.length).toBeGreaterThan(0);
    for (const range of ranges) expect([range, isIP(range.split("/")[0] ?? "") > 0]).toEqual([range, true]);
    expect(ranges).not.toContain("0.0.0.0/0");
  });

  test("report 11: Prometheus is killed at 400 MiB while it reads its log again, for ever", () => {
    const [container] = find(manifests, "StatefulSet", "metrics").spec.template.spec.containers;
    const limit = Number.parseInt(container.resources.limits.memory, 10);
    expect(limit).toBeGreaterThanOrEqual(768);
    const { value } = container.env.find(({ name }: { name: string }) => name === "GOMEMLIMIT");
    expect(Number.parseInt(value, 10)).toBeLessThanOrEqual(limit * 0.8);
    const { failureThreshold, periodSeconds } = container.startupProbe;
    expect(failureThreshold * periodSeconds).toBeGreaterThanOrEqual(900);
  });
});

describe("what others met in an AWS account", () => {
  let goals: Goal[];
  beforeAll(async () => {
    const evaluation = await declared(exampleSettings("dedicated"));
    expect(evaluation.errors).toEqual([]);
    ({ goals } = evaluation);
  });
  const of = (type: string) =>
    goals.filter((goal) => goal.type === type).map(({ inputs }) => reveal(inputs) as Manifest);

  test("report 15: a policy of the network keeps a pod from the agent that gives it its role", () => {
    const accounts = of("aws:eks/podIdentityAssociation:PodIdentityAssociation")
      .filter(({ namespace }) => namespace === "devflow")
      .map(({ serviceAccount }) => serviceAccount as string);
    expect(accounts.length).toBeGreaterThan(2);
    const policies = of("kubernetes:networking.k8s.io/v1:NetworkPolicy");
    const pods = ["Deployment", "StatefulSet"]
      .flatMap((kind) => of(`kubernetes:apps/v1:${kind}`))
      .filter(({ spec }) => accounts.includes(spec.template.spec.serviceAccountName));
    expect(pods.length).toBeGreaterThan(2);
    for (const { metadata, spec } of pods) {
      const name = spec.template.metadata.labels["app.kubernetes.io/name"];
      const rules = policies
        .filter(({ spec: its }) => its.podSelector?.matchLabels?.["app.kubernetes.io/name"] === name)
        .flatMap(({ spec: its }) => its.egress ?? []);
      expect(rules, metadata.name).toContainEqual({
        to: [{ ipBlock: { cidr: "169.254.170.23/32" } }],
        ports: [{ port: 80, protocol: "TCP" }],
      });
    }
  });

  test("report 19: a network plugin of whatever version is newest shuts everybody out of a fresh cluster", () => {
    const addons = of("aws:eks/addon:Addon");
    expect(addons.map(({ addonName }) => addonName)).toContain("vpc-cni");
    for (const { addonName, addonVersion } of addons) {
      expect([addonName, addonVersion]).toEqual([addonName, expect.stringMatching(/^v\d/)]);
    }
  });
});
