import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Goal } from "../../../installer/engine/index.ts";
import { parseAnswers, resolveSettings, validateAnswers } from "../../../stacks/config/index.ts";
import { tree } from "../tree.ts";
import { declare, example, find, type Manifest, manifestsOf } from "./manifests.ts";

const settings = {
  "kubernetes.ha": true,
  "kubernetes.storageClass": "fast",
  "kubernetes.tenants": [{ name: "acme", cpu: 4, memory: 8, storage: 50 }],
  "kubernetes.reachable": ["10.20.0.0/16"],
  "knowledge.allow": ["wiki.example.internal", "10.30.0.7:8080"],
  "kubernetes.secretStore": "vault",
  "kubernetes.pullSecretName": "registry",
};
const backups = {
  "backups.destination": "s3://example-backups/devflow",
  "backups.secretName": "s3",
};

/** One line an object: what is there, and in which namespace. */
function objects(manifests: Manifest[]): string {
  const lines = manifests.map(({ kind, metadata }) => `${metadata.namespace ?? "-"} ${kind} ${metadata.name}`);
  return `${lines.sort().join("\n")}\n`;
}

const podsOf = (manifests: Manifest[]) =>
  manifests.filter(({ kind }) => ["Deployment", "StatefulSet", "Job"].includes(kind)).map(({ spec }) => spec.template);

describe("a stack with everything that a cluster can have", () => {
  let manifests: Manifest[];
  let goals: Goal[];
  beforeAll(async () => {
    const evaluation = await declare({ ...settings, ...backups });
    expect(evaluation.errors).toEqual([]);
    expect(evaluation.outputs).toMatchObject({ platform: "https://dev.example.com" });
    manifests = manifestsOf(evaluation);
    goals = evaluation.goals;
  });

  // A component that moves gives its resources other names for Pulumi, which deletes what keeps data under the old ones.
  test("has these resources by type, name and parent; whoever moves one gives it an alias", async () => {
    await expect(tree(goals)).toMatchFileSnapshot("golden/tree.txt");
  });

  test("has these objects", async () => {
    await expect(objects(manifests)).toMatchFileSnapshot("golden/everything.txt");
  });

  test("no two objects of a kind have the same name", () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("every pod is as restricted security wants it, and names its image by version", () => {
    const pods = podsOf(manifests);
    expect(pods.length).toBeGreaterThan(3);
    for (const { spec } of pods) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: expect.any(Number),
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.imagePullSecrets).toEqual([{ name: "registry" }]);
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.resources).toMatchObject({
          requests: { memory: expect.any(String), cpu: expect.any(String) },
          limits: { memory: expect.any(String), cpu: expect.any(String) },
        });
        expect(container.image).toMatch(/^[a-z0-9.-]+\/.+:[^:/]+$/);
        expect(container.image).not.toMatch(/:latest$/);
      }
    }
  });

  test("one pod a node reads the output of pods, with no right, no token, and nobody to call but the collector", () => {
    const { spec } = find(manifests, "DaemonSet", "log-reader").spec.template;
    expect(spec).toMatchObject({ automountServiceAccountToken: false, imagePullSecrets: [{ name: "registry" }] });
    expect(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC).toBeUndefined();
    expect(spec.volumes).toEqual([
      { name: "pods", hostPath: { path: "/var/log/pods", type: "Directory" } },
      { name: "notes", emptyDir: { sizeLimit: "64Mi" } },
    ]);
    const [container] = spec.containers;
    expect(container.volumeMounts[0]).toEqual({ name: "pods", mountPath: "/var/log/pods", readOnly: true });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const reader = parse(container.env[0].value).receivers.file_log;
    expect(reader.include).toEqual(["/var/log/pods/devflow_*/*/*.log"]);
    expect(JSON.stringify(reader.operators)).toContain('\\"runtime-auth\\":\\"runtime\\"');
    const { egress } = find(manifests, "NetworkPolicy", "log-reader-out").spec;
    expect(egress).toHaveLength(1);
    expect(egress[0]).toMatchObject({
      ports: [{ port: 4318 }],
      to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "collector" } } }],
    });
    expect(
      manifests.filter(({ metadata }) => metadata.namespace === "devflow-logs").map(({ kind }) => kind),
    ).not.toContain("Secret");
  });

  test("what a pod mounts is there, and what it can write to is not in its image", () => {
    for (const { spec } of podsOf(manifests)) {
      const volumes = spec.volumes.map(({ name }: { name: string }) => name);
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        for (const mount of container.volumeMounts) expect(volumes).toContain(mount.name);
        const places = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
        expect(new Set(places).size).toBe(places.length);
      }
    }
  });

  test("secrets stand in Secrets only", () => {
    const secret = "value of code/internal-token".padEnd(43, ".");
    const holders = manifests.filter((one) => JSON.stringify(one).includes(secret)).map(({ kind }) => kind);
    expect(new Set(holders)).toEqual(new Set(["Secret"]));
  });

  test("a namespace lets nothing through that no policy names", () => {
    const namespaces = manifests.filter(({ kind }) => kind === "Namespace");
    expect(namespaces.map(({ metadata }) => metadata.name).sort()).toEqual(["devflow", "devflow-acme", "devflow-logs"]);
    for (const { metadata } of namespaces) {
      // No pod that sees files of its node is allowed where nothing else is either.
      const level = metadata.name === "devflow-logs" ? "privileged" : "restricted";
      expect(metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": level });
      const deny = manifests.find(
        (one) =>
          one.kind === "NetworkPolicy" && one.metadata.namespace === metadata.name && one.metadata.name === "deny-all",
      );
      expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    }
    const storage = find(manifests, "NetworkPolicy", "storage").spec;
    expect(storage).toMatchObject({ policyTypes: ["Ingress", "Egress"], egress: [] });
    const out = find(manifests, "NetworkPolicy", "platform").spec.egress.at(-1);
    expect(out.to).toContainEqual({ ipBlock: { cidr: "10.20.0.0/16" } });
    expect(out.to).toContainEqual({ ipBlock: { cidr: "10.30.0.7/32" } });
    const metadataService = out.to[0].ipBlock;
    expect(metadataService).toMatchObject({ cidr: "0.0.0.0/0", except: expect.arrayContaining(["169.254.0.0/16"]) });
    expect(find(manifests, "NetworkPolicy", "code-route").spec.ingress).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "traefik" } }, podSelector: {} }],
        ports: [{ port: expect.any(Number), protocol: "TCP" }],
      },
    ]);
  });

  test("a tenant has a limit, and no way around the front door", () => {
    expect(find(manifests, "ResourceQuota", "quota")).toMatchObject({
      metadata: { namespace: "devflow-acme" },
      spec: {
        hard: { "requests.cpu": "4", "requests.memory": "8Gi", "requests.storage": "50Gi", "services.nodeports": "0" },
      },
    });
    expect(find(manifests, "LimitRange", "limits").spec.limits[0].default.memory).toBe("512Mi");
  });

  test("the services have a second pod on another node, more under load, and none goes before another is ready", () => {
    const { spec } = find(manifests, "Deployment", "platform");
    expect(spec.replicas).toBeUndefined();
    expect(spec.strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    const topologies = spec.template.spec.topologySpreadConstraints;
    expect(topologies.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual([
      "kubernetes.io/hostname",
      "topology.kubernetes.io/zone",
    ]);
    expect(find(manifests, "HorizontalPodAutoscaler", "platform").spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "platform" },
    });
    expect(find(manifests, "PodDisruptionBudget", "platform").spec.maxUnavailable).toBe(1);
  });

  test("what has data is one pod with a volume that can grow", () => {
    const { spec } = find(manifests, "StatefulSet", "code");
    expect(spec.replicas).toBe(1);
    expect(spec.volumeClaimTemplates).toBeUndefined();
    expect(spec.template.spec.volumes).toContainEqual({
      name: "data",
      persistentVolumeClaim: { claimName: "code-data" },
    });
    expect(find(manifests, "PersistentVolumeClaim", "code-data").spec).toMatchObject({
      storageClassName: "fast",
      resources: { requests: { storage: "20Gi" } },
    });
  });

  test("the glue services get their keys as files that nobody else can read", () => {
    const { spec } = find(manifests, "Deployment", "platform").spec.template;
    const [copy] = spec.initContainers;
    expect(copy.command.slice(0, 3)).toEqual(["/usr/local/bin/node", "--input-type=module", "-e"]);
    expect(copy.command.slice(4)).toEqual(["/run/rendered", "/etc/devflow", "pgpass", "services.json", "master.key"]);
    expect(spec.containers[0].volumeMounts).toContainEqual({
      name: "private",
      mountPath: "/etc/devflow",
      readOnly: true,
    });
  });

  test("a probe of health decides on calls, and whether the process answers at all decides on its life", () => {
    const [container] = find(manifests, "Deployment", "platform").spec.template.spec.containers;
    expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "http" });
    expect(container.livenessProbe.tcpSocket).toEqual({ port: "http" });
    expect(container.startupProbe.failureThreshold * container.startupProbe.periodSeconds).toBe(60);
  });

  test("PostgreSQL has two standbys, a commit on one of them, and its log in the bucket", () => {
    const { spec } = find(manifests, "Cluster", "postgres");
    expect(spec.instances).toBe(3);
    expect(spec.postgresql.synchronous).toEqual({ method: "any", number: 1, dataDurability: "preferred" });
    expect(spec.plugins).toEqual([
      {
        name: "barman-cloud.cloudnative-pg.io",
        isWALArchiver: true,
        parameters: {
          barmanObjectName: find(manifests, "ObjectStore", "postgres").metadata.name,
          serverName: "postgres-0f0f0f0f",
        },
      },
    ]);
    expect(find(manifests, "ObjectStore", "postgres").spec.configuration).toMatchObject({
      destinationPath: "s3://example-backups/devflow",
      s3Credentials: { accessKeyId: { name: "s3", key: "ACCESS_KEY_ID" } },
    });
    expect(find(manifests, "Pooler", "postgres-pooler").spec).toMatchObject({
      instances: 2,
      cluster: { name: "postgres" },
      pgbouncer: { poolMode: "transaction" },
    });
  });

  test("Git hosting goes by the pooler, the services that listen for notifications do not", () => {
    expect(find(manifests, "Secret", "code-config").stringData["app.ini"]).toContain("HOST = postgres-pooler:5432");
    expect(find(manifests, "Secret", "platform-config").stringData.pgpass).toMatch(/^postgres-rw:5432:/);
  });

  test("every credential is pushed to the store beyond the cluster", () => {
    const pushed = manifests.filter(({ kind }) => kind === "PushSecret");
    expect(pushed.map(({ spec }) => spec.data[0].match.remoteRef.remoteKey)).toContain(
      "devflow/test/platform/master-key",
    );
    expect(pushed[0]?.spec.secretStoreRefs).toEqual([{ name: "vault", kind: "ClusterSecretStore" }]);
  });

  test("the gateway has a listener for every host that a route asks for, each with a certificate", () => {
    const { spec, metadata } = find(manifests, "Gateway", "devflow");
    const listeners: { name: string; hostname?: string }[] = spec.listeners;
    expect(listeners.map(({ hostname }) => hostname)).toEqual([
      undefined,
      "code.dev.example.com",
      "dashboards.dev.example.com",
      "dev.example.com",
      "errors.dev.example.com",
      "runtime.dev.example.com",
    ]);
    expect(metadata.annotations).toEqual({ "cert-manager.io/issuer": "devflow" });
    for (const route of manifests.filter(({ kind }) => kind === "HTTPRoute")) {
      const [{ sectionName }] = route.spec.parentRefs;
      expect(listeners.map(({ name }) => name)).toContain(sectionName);
    }
    expect(find(manifests, "Issuer", "devflow").spec.acme.email).toBe("ops@example.com");
  });
});

describe("a small stack", () => {
  test("has no more objects than these", async () => {
    const evaluation = await declare();
    expect(evaluation.errors).toEqual([]);
    await expect(objects(manifestsOf(evaluation))).toMatchFileSnapshot("golden/small.txt");
  });

  test("goes by Ingresses where the cluster has nothing else, with an issuer that is there", async () => {
    const manifests = manifestsOf(
      await declare({
        "kubernetes.ingress.kind": "ingress",
        "kubernetes.ingress.class": "nginx",
        "kubernetes.ingress.issuer": "letsencrypt",
      }),
    );
    expect(manifests.some(({ kind }) => ["Gateway", "HTTPRoute", "Issuer"].includes(kind))).toBe(false);
    const { metadata, spec } = find(manifests, "Ingress", "code");
    expect(metadata.annotations).toMatchObject({ "cert-manager.io/cluster-issuer": "letsencrypt" });
    expect(spec).toMatchObject({
      ingressClassName: "nginx",
      tls: [{ hosts: ["code.dev.example.com"], secretName: "code-tls" }],
    });
  });

  test("lets KEDA count the jobs that wait, and reach the database for it", async () => {
    const manifests = manifestsOf(await declare({ "kubernetes.keda": true }));
    expect(manifests.some(({ kind }) => kind === "HorizontalPodAutoscaler")).toBe(false);
    const { spec } = find(manifests, "ScaledObject", "platform");
    expect(spec).toMatchObject({ scaleTargetRef: { name: "platform" }, minReplicaCount: 1, maxReplicaCount: 2 });
    expect(spec.triggers[1]).toMatchObject({
      type: "postgresql",
      metadata: { host: "postgres-rw.devflow.svc", port: "5432", dbName: "platform", userName: "platform" },
      authenticationRef: { name: find(manifests, "TriggerAuthentication", "platform-queue").metadata.name },
    });
    expect(find(manifests, "Deployment", "platform").spec.replicas).toBeUndefined();
    const callers = JSON.stringify(find(manifests, "NetworkPolicy", "postgres").spec.ingress);
    expect(callers).toContain('"keda"');
  });

  test("serves plain HTTP when TLS is off", async () => {
    const { goals, outputs } = await declare({ "network.tls": "off" });
    expect(outputs.platform).toBe("http://dev.example.com");
    const { spec, metadata } = find(manifestsOf({ goals, outputs, errors: [] }), "Gateway", "devflow");
    expect(spec.listeners).toHaveLength(1);
    expect(metadata.annotations).toEqual({});
  });

  test("says what to do without an image of the services", async () => {
    const { errors } = await declare({ "images.glue": undefined });
    expect(String(errors[0])).toContain("images.glue is missing");
  });
});

describe("settings of a cluster", () => {
  const answersOf = (text: string) =>
    resolveSettings({ answers: parseAnswers(text, "devflow.yaml"), env: {}, cwd: "/" });

  test("are refused with a reason", () => {
    const wrong = { kubernetes: { namespace: "Not A Name", size: "huge", ingress: { kind: "door" } } };
    const paths = validateAnswers(wrong).map(({ path }) => path);
    expect(paths.sort()).toEqual(["kubernetes.ingress.kind", "kubernetes.namespace", "kubernetes.size"]);
  });

  test("a file of a person's is enough", () => {
    const { settings } = answersOf(`
stack: { kind: saas, name: prod }
network: { domain: dev.example.com, email: ops@example.com }
images: { glue: registry.example.com/devflow/glue:0.1.0 }
kubernetes: { context: production, ha: true, size: medium }
`);
    expect(settings.kubernetes).toMatchObject({ context: "production", namespace: "devflow", ha: true, tenants: [] });
    expect(example["stack.kind"]).toBe(settings.stack.kind);
  });
});

describe("Vespa on several nodes", () => {
  let manifests: Manifest[];
  let application: Record<string, string>;
  beforeAll(async () => {
    const evaluation = await declare({ "kubernetes.ha": true, "kubernetes.size": "medium", "components.search": true });
    expect(evaluation.errors).toEqual([]);
    manifests = manifestsOf(evaluation);
    application = evaluation.goals.find(({ type }) => type.endsWith(":VespaApplication"))?.inputs
      .files as typeof application;
  });

  test("has these objects of its own", async () => {
    const own = manifests.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === "search");
    await expect(objects(own)).toMatchFileSnapshot("golden/search.txt");
  });

  test("every host of the package is a pod of a set, by the name that its Service gives it", () => {
    const named = [...(application["hosts.xml"] ?? "").matchAll(/name="([^"]+)"/g)].map(([, host]) => host as string);
    const sets = ["search-config", "search", "search-content"].map((name) => find(manifests, "StatefulSet", name));
    expect(sets.map(({ spec }) => spec.replicas)).toEqual([3, 2, 3]);
    const pods = sets.flatMap(({ metadata, spec }) =>
      Array.from(
        { length: spec.replicas },
        (_, at) => `${metadata.name}-${at}.${spec.serviceName}.${metadata.namespace}.svc.cluster.local`,
      ),
    );
    expect(named).toEqual(pods);
    for (const { metadata, spec } of sets) {
      expect(find(manifests, "Service", spec.serviceName).spec).toMatchObject({
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: spec.selector.matchLabels,
      });
      expect(find(manifests, "PodDisruptionBudget", metadata.name).spec.maxUnavailable).toBe(1);
      // The label of a Deployment's pods would be one that these have not.
      for (const constraint of spec.template.spec.topologySpreadConstraints)
        expect(constraint.matchLabelKeys).toEqual(["controller-revision-hash"]);
      expect(spec).toMatchObject({ podManagementPolicy: "Parallel" });
      expect(spec.volumeClaimTemplates[0].metadata.name).toBe("data");
      const [container] = spec.template.spec.containers;
      expect(container.volumeMounts).toContainEqual({ name: "data", mountPath: "/opt/vespa/var" });
      expect(spec.template.spec.volumes.map(({ name }: { name: string }) => name)).not.toContain("data");
      expect(
        spec.template.spec.topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey),
      ).toEqual(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
      const env = Object.fromEntries(
        container.env.map((one: { name: string; value: string }) => [one.name, one.value]),
      );
      expect(env.VESPA_HOSTNAME).toBe(`$(POD_NAME).${spec.serviceName}.${metadata.namespace}.svc.cluster.local`);
      expect(env.VESPA_CONFIGSERVERS.split(",")).toEqual(pods.slice(0, 3));
      // Kubernetes puts in only what was named before.
      expect(container.env[0]).toMatchObject({
        name: "POD_NAME",
        valueFrom: { fieldRef: { fieldPath: "metadata.name" } },
      });
    }
  });

  test("nobody waits for what has nothing to serve before the application is deployed, and its nodes may call one another", () => {
    for (const [name, late] of [
      ["search-config", undefined],
      ["search", "true"],
      ["search-content", "true"],
    ] as const) {
      const { metadata } = find(manifests, "StatefulSet", name);
      expect(metadata.annotations?.["pulumi.com/skipAwait"]).toBe(late);
      expect(find(manifests, "NetworkPolicy", name).spec.ingress).toContainEqual({
        from: [{ podSelector: { matchLabels: { "app.kubernetes.io/component": "search" } } }],
      });
    }
  });

  test("keeps each document twice, on as many nodes as there are", () => {
    expect(application["services.xml"]).toContain("<min-redundancy>2</min-redundancy>");
    expect(application["services.xml"]?.match(/distribution-key/g)).toHaveLength(3);
    expect(application["services.xml"]?.match(/<document type=/g)).toHaveLength(5);
  });

  test("is measured node by node", () => {
    const config = manifests.find(({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith("metrics"));
    for (const node of ["search-config-2.search-config-members", "search-content-0.search-content-members"]) {
      expect(JSON.stringify(config)).toContain(`${node}:19092`);
    }
  });

  test("is one node where one may be lost", async () => {
    const small = manifestsOf(await declare({ "components.search": true }));
    expect(find(small, "StatefulSet", "search").spec.replicas).toBe(1);
    expect(small.filter(({ metadata }) => metadata.name.startsWith("search-con"))).toEqual([]);
  });
});
