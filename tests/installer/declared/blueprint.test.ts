import { describe, expect, it } from "vitest";
import { blueprint } from "../../../installer/declared/blueprint.ts";
import { declared } from "../../../installer/declared/declared.ts";
import { blueprintLines } from "../../../installer/declared/lines.ts";
import { refuseViolations } from "../../../installer/declared/violations.ts";
import type { Goal } from "../../../installer/engine/index.ts";
import type { Properties } from "../../../installer/engine/values.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";

const settings = exampleSettings("onprem");
const urn = (type: string, name: string) => `urn:pulumi:box::devflow::devflow:product:Thing$${type}::${name}`;
const product = {
  ...{ urn: "urn:thing", type: "devflow:product:Thing", name: "thing", inputs: {}, ignoreChanges: [] },
  propertyDependencies: {},
};
const goal = (type: string, name: string, inputs: Properties, more: Partial<Goal> = {}): Goal =>
  ({
    ...{ type, name, urn: urn(type, name), inputs, parent: "urn:thing", ignoreChanges: [], propertyDependencies: {} },
    ...more,
  }) as Goal;
const plan = (goals: Goal[], stored?: Map<string, Properties>) =>
  blueprint(settings, { goals: [product as unknown as Goal, ...goals] }, stored);

const caddy = (tag: string): Properties => ({
  name: "box-proxy",
  image: `docker.io/library/caddy:${tag}`,
  memory: 128,
  ports: [{ internal: 443, external: 8443 }],
  volumes: [{ volumeName: "box-proxy-data", containerPath: "/data" }],
});
const container = (inputs: Properties) => goal("docker:index/container:Container", "proxy", inputs);

describe("a plan before anything is touched", () => {
  it("reads a container of Docker", () => {
    const { rows, memory, volumes, images } = plan([container(caddy("2.11.7"))]);
    expect(rows).toMatchObject([
      {
        ...{ component: "thing", what: "container", name: "box-proxy", count: 1, memory: 128, published: [8443] },
        ...{ images: ["docker.io/library/caddy:2.11.7"], volumes: [{ name: "box-proxy-data", size: 0 }] },
        ...{ change: "unknown", downtime: "" },
      },
    ]);
    expect({ memory, volumes }).toEqual({ memory: { limit: 128, unlimited: [] }, volumes: { count: 1, size: 0 } });
    expect(images).toMatchObject([{ reference: "docker.io/library/caddy:2.11.7", known: false }]);
  });

  it("multiplies a cluster's pods by their number and finds their volumes", () => {
    const claim = goal("kubernetes:core/v1:PersistentVolumeClaim", "code", {
      metadata: { name: "code-data" },
      spec: { resources: { requests: { storage: "20Gi" } } },
    });
    const spec = (memory: string, volumes: Properties[] = []) => ({
      containers: [{ name: "a", image: "example/a:1", resources: { limits: { memory } } }],
      volumes,
    });
    const pods = (kind: string, name: string, replicas: number, pod: Properties) =>
      goal(`kubernetes:apps/v1:${kind}`, name, { metadata: { name }, spec: { replicas, template: { spec: pod } } });
    const made = plan([
      claim,
      pods(
        "StatefulSet",
        "code",
        1,
        spec("1Gi", [{ name: "data", persistentVolumeClaim: { claimName: "code-data" } }]),
      ),
      pods("Deployment", "platform", 3, spec("512Mi")),
      goal("kubernetes:apps/v1:Deployment", "review", {
        metadata: { name: "review" },
        spec: { template: { spec: spec("256Mi") } },
      }),
      goal("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "review", {
        spec: { scaleTargetRef: { kind: "Deployment", name: "review" }, minReplicas: 2, maxReplicas: 6 },
      }),
    ]);
    expect(made.rows.map(({ name, count, memory }) => [name, count, memory])).toEqual([
      ["code", 1, 1024],
      ["platform", 3, 1536],
      ["review", 2, 512],
    ]);
    expect(made.volumes).toEqual({ count: 1, size: 20 });
    expect(made.memory.limit).toBe(3072);
  });

  it("tells by the last state what is new, what restarts and what goes", () => {
    const old = container(caddy("2.10.0"));
    const gone = urn("docker:index/container:Container", "gone");
    const made = plan(
      [container(caddy("2.11.7"))],
      new Map([
        [old.urn, old.inputs],
        [gone, {}],
      ]),
    );
    expect(made.rows[0]).toMatchObject({ change: "replace", downtime: "restarts: seconds to minutes" });
    expect(made.removed).toEqual([gone]);
    expect(made.migrations).toEqual([
      { component: "thing", what: "2.10.0 → 2.11.7", how: "none: its data stays as it is" },
    ]);
    expect(plan([old], new Map([[old.urn, old.inputs]])).rows[0]).toMatchObject({ change: "same", downtime: "" });
    expect(plan([old], new Map()).rows[0]).toMatchObject({ change: "create" });
  });

  it("does not take an assumed value for a change", () => {
    const assumed = goal(
      "aws:rds/instance:Instance",
      "db",
      { kmsKeyId: "assumed", instanceClass: "db.m7g.large" },
      {
        propertyDependencies: { kmsKeyId: ["urn:key"] },
      },
    );
    const stored = new Map<string, Properties>([[assumed.urn, { kmsKeyId: "real", instanceClass: "db.m7g.large" }]]);
    expect(plan([assumed], stored).rows[0]).toMatchObject({ change: "same" });
    stored.set(assumed.urn, { kmsKeyId: "real", instanceClass: "db.m7g.xlarge" });
    expect(plan([assumed], stored).rows[0]?.downtime).toMatch(/failover/);
  });

  it("follows an image of Docker from its name to the container that runs its id", () => {
    const type = "docker:index/remoteImage:RemoteImage";
    const image = (tag: string) => goal(type, "proxy", { name: `docker.io/library/caddy:${tag}` }, { custom: true });
    const by = { propertyDependencies: { image: [urn(type, "proxy")] } };
    const running = goal("docker:index/container:Container", "proxy", { ...caddy("x"), image: "assumed id" }, by);
    const stored = new Map<string, Properties>([
      [image("").urn, image("2.10.0").inputs],
      [running.urn, { ...caddy("x"), image: "sha256:real" }],
    ]);
    const made = plan([image("2.11.7"), running], stored);
    expect(made.rows[0]).toMatchObject({ change: "replace", images: ["docker.io/library/caddy:2.11.7"] });
    expect(made.migrations).toMatchObject([{ what: "2.10.0 → 2.11.7" }]);
    expect(plan([image("2.10.0"), running], stored).rows[0]).toMatchObject({ change: "same" });
  });

  it("sees a change deep in a pod, and none in a secret or in what a cloud will say", () => {
    const pod = (version: string, host: string): Properties => ({
      spec: {
        template: { spec: { containers: [{ image: `example/app:${version}`, env: [{ name: "H", value: host }] }] } },
      },
    });
    const made = (version: string) =>
      goal("kubernetes:apps/v1:StatefulSet", "app", pod(version, "db.rds.invalid"), {
        propertyDependencies: { spec: ["urn:db"] },
      });
    const stored = new Map([[made("1").urn, pod("1", "db.abc.eu-central-1.rds.amazonaws.com")]]);
    expect(plan([made("1")], stored).rows[0]).toMatchObject({ change: "same" });
    expect(plan([made("2")], stored).rows[0]).toMatchObject({
      change: "update",
      downtime: "restarts: seconds to minutes",
    });
  });

  it("names what goes against the policy", () => {
    const { violations } = plan([container({ ...caddy("latest"), privileged: true })]);
    expect(violations.map(({ rule }) => rule)).toEqual(["no-latest-tags", "no-privileged-containers"]);
    expect(() => refuseViolations({ violations })).toThrow(/latest[\s\S]*privileged/);
    expect(() => refuseViolations({ violations: [] })).not.toThrow();
  });

  it("shows a customer's cloud as one table with its price", async () => {
    // Few products: what each consists of is its own tests' matter.
    const dedicated = exampleSettings("dedicated", ["profile=minimal"]);
    const made = blueprint(dedicated, await declared(dedicated), new Map());
    const lines = blueprintLines({ color: false, columns: 200, env: {} }, made);
    const text = lines.join("\n").replace(/\d+ files of SQL/, "some files of SQL");
    await expect(`${text}\n`).toMatchFileSnapshot("dedicated-preview.txt");
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });
});
