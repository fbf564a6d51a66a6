import { describe, expect, it } from "vitest";
import type { Resource } from "../../policy/rule.ts";
import { judge } from "../../policy/rules/index.ts";

const one = (type: string, inputs: Record<string, unknown>, more: Partial<Resource> = {}): Resource => ({
  ...{ type, name: "thing", urn: "urn:thing", inputs },
  ...more,
});
const rulesOf = (...resources: Resource[]) => judge(resources).map(({ rule }) => rule);

const pod = (container: Record<string, unknown>, spec: Record<string, unknown> = {}) =>
  one("kubernetes:apps/v1:Deployment", {
    spec: {
      template: {
        spec: {
          ...spec,
          containers: [{ name: "app", image: "example/app:1", resources: { limits: { memory: "1Gi" } }, ...container }],
        },
      },
    },
  });
const container = (inputs: Record<string, unknown>) =>
  one("docker:index/container:Container", { image: "example/app:1", memory: 256, ...inputs });

describe("the policy pack", () => {
  it("has nothing against a container that keeps to itself", () => {
    expect(judge([pod({}), container({})])).toEqual([]);
  });

  it.each([
    ["no tag", "example/app"],
    ["latest", "example/app:latest"],
    ["a port that is no tag", "registry.example:5000/app"],
  ])("refuses an image with %s, on either engine", (_, image) => {
    expect(rulesOf(pod({ image }), container({ image }))).toEqual(["no-latest-tags", "no-latest-tags"]);
  });

  it("takes a digest for a name, whatever the tag", () => {
    const image = `example/app:latest@sha256:${"0".repeat(64)}`;
    expect(judge([pod({ image }), container({ image: `sha256:${"0".repeat(64)}` })])).toEqual([]);
  });

  it("looks at what runs before a pod's own containers too", () => {
    const first = { name: "first", image: "example/first:1", securityContext: { privileged: true } };
    expect(rulesOf(pod({}, { initContainers: [first] }))).toEqual(["no-privileged-containers", "memory-limits"]);
  });

  it("refuses privilege in each of its shapes", () => {
    const refused = [
      pod({ securityContext: { privileged: true } }),
      pod({}, { hostNetwork: true }),
      pod({}, { hostPID: true }),
      pod({}, { volumes: [{ hostPath: { path: "/run/containerd/containerd.sock" } }] }),
      container({ privileged: true }),
      container({ networkMode: "host" }),
      container({ volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }] }),
    ];
    for (const resource of refused)
      expect(rulesOf(resource), JSON.stringify(resource.inputs)).toEqual(["no-privileged-containers"]);
  });

  it("finds containers in every kind of object that runs them", () => {
    const spec = { containers: [{ name: "app", image: "app:latest", resources: { limits: { memory: "1Gi" } } }] };
    const template = { spec };
    expect(
      rulesOf(
        one("kubernetes:core/v1:Pod", { spec }),
        one("kubernetes:batch/v1:Job", { spec: { template } }),
        one("kubernetes:batch/v1:CronJob", { spec: { jobTemplate: { spec: { template } } } }),
        one("kubernetes:apps/v1:StatefulSet", { spec: { template } }),
        one("kubernetes:apps/v1:DaemonSet", { spec: { template } }),
        one("kubernetes:core/v1:ConfigMap", { spec: { template } }),
      ),
    ).toHaveLength(5);
  });

  it.each(["0.0.0.0/0", "::/0", "*", "", "10.0.0.0/1", "10.0.0.7,0.0.0.0/0", "0.0.0.0"])(
    "refuses services that believe %j about a client, in every engine and variable",
    (trusted) => {
      for (const variable of ["DEVFLOW_FRONT_DOOR", "DEVFLOW_TRUSTED_PROXIES"]) {
        const found = rulesOf(
          pod({ env: [{ name: variable, value: trusted }] }),
          container({ envs: [`${variable}=${trusted}`] }),
        );
        expect(found).toEqual(["no-trust-in-everybody", "no-trust-in-everybody"]);
      }
    },
  );

  it("takes named proxies and private networks for the front door", () => {
    for (const good of ["proxy", "10.0.0.7", "10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "127.0.0.0/8,::1"]) {
      expect(rulesOf(container({ envs: [`DEVFLOW_FRONT_DOOR=${good}`] })), good).toEqual([]);
    }
  });

  it("wants callers and ports to be named where a network is opened, but for members of one program and a tenant's own pods", () => {
    const opened = (spec: object, namespace = "devflow") =>
      one("kubernetes:networking.k8s.io/v1:NetworkPolicy", { metadata: { namespace }, spec });
    const named = { podSelector: { matchLabels: { "app.kubernetes.io/name": "code" } } };
    const everyone = { podSelector: { matchLabels: { "app.kubernetes.io/part-of": "devflow" } } };
    const members = { podSelector: { matchLabels: { "app.kubernetes.io/component": "search" } } };
    const ports = [{ port: 80, protocol: "TCP" }];
    const refused = [
      { ingress: [{ from: [everyone], ports }] },
      { ingress: [{ from: [named] }] },
      { ingress: [{ ports }] },
      { ingress: [{ from: [{ podSelector: {} }], ports }] },
      { egress: [{ to: [everyone], ports }] },
      { egress: [{ to: [{ podSelector: {} }] }] },
      { egress: [{}] },
    ];
    for (const spec of refused) expect(rulesOf(opened(spec)), JSON.stringify(spec)).toContain("no-open-inner-ports");
    const door = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "traefik" } }, podSelector: {} };
    const fine = {
      ingress: [{ from: [named, door], ports }, { from: [members] }],
      egress: [{ to: [named], ports }, { ports }],
    };
    expect(judge([opened(fine), opened({ podSelector: {}, policyTypes: ["Ingress"] })])).toEqual([]);
    const tenant = one("kubernetes:core/v1:Namespace", {
      metadata: { name: "devflow-acme", labels: { "devflow.dev/tenant": "acme" } },
    });
    const own = opened({ ingress: [{ from: [{ podSelector: {} }] }] }, "devflow-acme");
    expect(judge([tenant, own])).toEqual([]);
    expect(rulesOf(own)).toContain("no-open-inner-ports");
  });

  it("lets a container that runs what people wrote meet those that it calls and its callers, on a bridge that lets them talk", () => {
    const on = (name: string, networks: string[], more: Record<string, string> = {}) =>
      container({
        labels: Object.entries({ "dev.devflow.workload": name, ...more }).map(([label, value]) => ({ label, value })),
        networksAdvanced: networks.map((network) => ({ name: network })),
      });
    const runner = (networks: string[]) =>
      on("runner", networks, { "dev.devflow.confined": "true", "dev.devflow.calls": "code" });
    const alone = one("docker:index/network:Network", {
      name: "alone",
      options: { "com.docker.network.bridge.enable_icc": "false" },
    });
    const metrics = on("metrics", ["of-runner"], { "dev.devflow.calls": "runner,code" });
    const good = [
      alone,
      runner(["of-runner", "alone"]),
      on("code", ["of-runner", "inner"]),
      metrics,
      on("uptime", ["alone"]),
    ];
    expect(judge(good)).toEqual([]);
    expect(rulesOf(runner(["inner"]), on("runtime-meta", ["inner"]))).toEqual(["no-open-inner-ports"]);
    expect(rulesOf(runner(["alone"]), on("uptime", ["alone"]))).toEqual(["no-open-inner-ports"]);
  });

  it("refuses an autoscaler that one working process already drives to its most, by either kind of scaler", () => {
    const about = { name: "app", namespace: "here" };
    const asking = (cpu: string) => ({ ...pod({ resources: { limits: { memory: "1Gi" }, requests: { cpu } } }) });
    const deployment = (cpu: string) => {
      const made = asking(cpu);
      return { ...made, inputs: { ...made.inputs, metadata: about } };
    };
    const scaleTargetRef = { name: "app" };
    const cpu = { resource: { name: "cpu", target: { averageUtilization: 70 } } };
    const scalers = [
      one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", {
        metadata: about,
        spec: { scaleTargetRef, metrics: [cpu] },
      }),
      one("kubernetes:keda.sh/v1alpha1:ScaledObject", {
        metadata: about,
        spec: { scaleTargetRef, triggers: [{ type: "cpu", metadata: { value: "70" } }] },
      }),
    ];
    for (const scaler of scalers) {
      expect(rulesOf(deployment("100m"), scaler)).toEqual(["sensible-autoscaling"]);
      expect(judge([deployment("500m"), scaler])).toEqual([]);
      expect(judge([deployment("1"), scaler])).toEqual([]);
    }
  });

  it("wants a limit of memory", () => {
    expect(rulesOf(pod({ resources: {} }), container({ memory: undefined }))).toEqual([
      "memory-limits",
      "memory-limits",
    ]);
  });

  it("wants a bucket shut, encrypted and versioned by resources that refer to it", () => {
    const bucket = one("aws:s3/bucket:Bucket", { bucket: "b" }, { urn: "urn:bucket" });
    expect(rulesOf(bucket)).toEqual(["no-public-buckets", "no-public-buckets", "backups-on"]);
    const on = { dependencies: { bucket: ["urn:bucket"] } };
    const shut = {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    };
    const companions = (open: Record<string, unknown>, status: string) => [
      one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", { ...shut, ...open }, on),
      one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", {}, on),
      one("aws:s3/bucketVersioning:BucketVersioning", { versioningConfiguration: { status } }, on),
    ];
    expect(rulesOf(bucket, ...companions({}, "Enabled"))).toEqual([]);
    expect(rulesOf(bucket, ...companions({ blockPublicPolicy: false }, "Enabled"))).toEqual(["no-public-buckets"]);
    expect(rulesOf(bucket, ...companions({}, "Suspended"))).toEqual(["backups-on"]);
  });

  it("refuses a bucket's policy that lets everybody in", () => {
    const policy = (statement: object) =>
      one("aws:s3/bucketPolicy:BucketPolicy", { policy: JSON.stringify({ Statement: [statement] }) });
    expect(rulesOf(policy({ Effect: "Allow", Principal: "*" }))).toEqual(["no-public-buckets"]);
    expect(rulesOf(policy({ Effect: "Allow", Principal: { AWS: "*" } }))).toEqual(["no-public-buckets"]);
    expect(rulesOf(policy({ Effect: "Deny", Principal: "*" }))).toEqual([]);
  });

  it("refuses what is not encrypted", () => {
    expect(
      rulesOf(
        one("aws:ebs/volume:Volume", {}),
        one("aws:rds/instance:Instance", { backupRetentionPeriod: 30 }),
        one("aws:ec2/launchTemplate:LaunchTemplate", { blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: {} }] }),
        one("kubernetes:storage.k8s.io/v1:StorageClass", { provisioner: "ebs.csi.aws.com", parameters: {} }),
      ),
    ).toEqual(Array(4).fill("no-unencrypted-disks"));
  });

  it("wants a nightly copy of every volume, or the reason why it can be lost", () => {
    const claim = (name: string, annotations: Record<string, string> = {}) =>
      one("kubernetes:core/v1:PersistentVolumeClaim", { metadata: { name: `${name}-data`, annotations } });
    const volume = (name: string, ...more: { label: string; value: string }[]) =>
      one("docker:index/volume:Volume", { labels: [{ label: "dev.devflow.workload", value: name }, ...more] });
    const job = one("kubernetes:batch/v1:CronJob", { metadata: { labels: { "devflow.dev/copies": "code" } } });
    const copier = container({ labels: [{ label: "dev.devflow.copies", value: "proxy,postgres" }] });
    expect(rulesOf(claim("code"), claim("cache", { "devflow.dev/losable": "a cache" }), job)).toEqual([]);
    expect(rulesOf(claim("code"), claim("graph"), job)).toEqual(["copies-every-night"]);
    expect(rulesOf(volume("postgres"), volume("proxy"), copier)).toEqual([]);
    const lost = { label: "dev.devflow.losable", value: "history" };
    expect(rulesOf(volume("postgres"), volume("code"), volume("metrics", lost), copier)).toEqual([
      "copies-every-night",
    ]);
    expect(rulesOf(claim("graph"), one("aws:backup/plan:Plan", {}))).toEqual([]);
  });

  it("refuses databases whose past is not kept", () => {
    const kept = { storageEncrypted: true, backupRetentionPeriod: 30 };
    expect(
      rulesOf(
        one("aws:rds/instance:Instance", { ...kept, backupRetentionPeriod: 1 }),
        one("aws:rds/instance:Instance", { ...kept, skipFinalSnapshot: true }),
        one("kubernetes:postgresql.cnpg.io/v1:Cluster", { spec: {} }),
        one("kubernetes:postgresql.cnpg.io/v1:Cluster", { spec: { backup: {} } }),
      ),
    ).toEqual(Array(3).fill("backups-on"));
  });

  const classes = ["data", "platform"].map((rank, index) =>
    one("kubernetes:scheduling.k8s.io/v1:PriorityClass", {
      metadata: { name: `devflow-${rank}` },
      value: 2000 - index * 1000,
    }),
  );
  const store = (spec: object, memory: { requests?: string; limits: string }) =>
    one("kubernetes:apps/v1:StatefulSet", {
      spec: {
        template: {
          spec: {
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: "store-data" } }],
            ...spec,
            containers: [
              {
                ...{ name: "store", image: "example/store:1" },
                resources: { requests: { memory: memory.requests }, limits: { memory: memory.limits } },
              },
            ],
          },
        },
      },
    });

  it("H7: refuses a store that may take more memory than it is sure of, and a pod that says of no rank it is", () => {
    const ranked = { priorityClassName: "devflow-data" };
    const of = (made: Resource) => judge([...classes, made]).map(({ rule, message }) => `${rule}: ${message}`);
    expect(of(store(ranked, { requests: "1Gi", limits: "1Gi" }))).toEqual([]);
    expect(of(store(ranked, { requests: "512Mi", limits: "1Gi" }))).toEqual([
      expect.stringMatching(/^data-is-evicted-last: store keeps data and may take more memory/),
    ]);
    expect(of(store({}, { requests: "1Gi", limits: "1Gi" }))).toEqual([
      expect.stringMatching(/^data-is-evicted-last: It does not say who gives way/),
    ]);
    // A cache that can be lost is of a lower rank, and need not be sure of all.
    expect(of(store({ priorityClassName: "devflow-platform" }, { requests: "1Mi", limits: "1Gi" }))).toEqual([]);
    const upside = classes.map(({ inputs, ...others }) => ({
      ...others,
      inputs: { ...inputs, value: 3000 - Number(inputs.value) },
    }));
    expect(judge(upside).map(({ message }) => message)).toEqual([expect.stringContaining("give it the highest value")]);
  });

  const deployment = (name: string, spec: object, pod: object = {}) =>
    one("kubernetes:apps/v1:Deployment", {
      metadata: { name },
      spec: {
        ...spec,
        template: {
          spec: {
            ...pod,
            containers: [{ name, image: "example/app:1", resources: { limits: { memory: "1Gi" } } }],
          },
        },
      },
    });
  const budget = (name: string) =>
    one("kubernetes:policy/v1:PodDisruptionBudget", {
      metadata: { name },
      spec: { maxUnavailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": name } } },
    });
  const spread = { topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname" }] };

  it("H8: refuses what runs once in a stack that is to outlive a node, and what runs twice on one node or without a budget", () => {
    const gateway = deployment("gateway", { replicas: 2 }, spread);
    const of = (...made: Resource[]) => judge(made).map(({ rule, message }) => `${rule}: ${message}`);
    expect(of(gateway, budget("gateway"))).toEqual([]);
    expect(of(gateway)).toEqual([expect.stringContaining("A drain may take all of its pods")]);
    expect(of(deployment("gateway", { replicas: 2 }), budget("gateway"))).toEqual([
      expect.stringContaining("may be on one node"),
    ]);
    expect(of(gateway, budget("gateway"), deployment("sign-in", { replicas: 1 }))).toEqual([
      expect.stringContaining("a-second-one-elsewhere: It runs once"),
    ]);
    const alone = deployment("realtime", { replicas: 1, strategy: { type: "Recreate" } });
    expect(of(gateway, budget("gateway"), alone)).toEqual([]);
    // Where no node may be lost, one of each is enough.
    expect(of(deployment("gateway", { replicas: 1 }), deployment("sign-in", { replicas: 1 }))).toEqual([]);
  });
});
