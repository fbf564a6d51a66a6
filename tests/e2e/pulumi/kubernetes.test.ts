import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { homePaths } from "../../../components/provider/paths.ts";
import { preflightInput } from "../../../installer/preflight/input.ts";
import { preflight } from "../../../installer/preflight/run.ts";
import { pulumiEngine } from "../../../installer/pulumi/engine.ts";
import { type OpenStack, openStack } from "../../../installer/stack.ts";
import { type PostgresServer, startPostgres } from "../../glue-services/postgres-server.ts";
import { changesOf, devflow } from "../command.ts";
import { type ApiObject, Cluster } from "../kubernetes/cluster.ts";
import { type ControlPlane, startControlPlane } from "../kubernetes/control-plane.ts";
import { customDefinitions } from "../kubernetes/definitions.ts";
import { instance, startOperators } from "../kubernetes/operators.ts";
import { builtPrograms } from "../kubernetes/programs.ts";

const built = await builtPrograms();
const needed = ["pulumi", "pulumi-resource-kubernetes"];
const missing = [
  ...needed.filter((name) => spawnSync("which", [name]).status !== 0),
  ...("missing" in built ? built.missing : []),
];
if (missing.length > 0) console.warn(`Pulumi is not tried on Kubernetes here; there is no ${missing.join(", ")}.`);

/** Products that need programs in their pods to be set up, which simulated nodes do not run. */
const absent = ["code", "runner", "runtime", "timescale", "observability", "errors"];

/** A stack of kind `saas` as a platform team makes it: the installer, Pulumi's engine and its provider of Kubernetes. */
describe.skipIf(missing.length > 0)("a stack of kind saas by Pulumi on a real API server", () => {
  let plane: ControlPlane;
  let cluster: Cluster;
  let postgres: PostgresServer;
  let folder: string;
  let stack: OpenStack;
  let stopOperators: () => Promise<void>;
  const env = () => ({ ...process.env, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache });
  const run = (...args: string[]) => devflow(args, { cwd: folder, env: env() });

  beforeAll(async () => {
    if ("missing" in built) return;
    folder = await mkdtemp(join(tmpdir(), "devflow-saas-"));
    postgres = await startPostgres();
    plane = await startControlPlane(built, { port: postgres.port });
    cluster = new Cluster(plane.kubeconfig);
    await cluster.addNodes(8, 16);
    const storage = join(built.kwok, "share/stages/volume/fast/storage-class.yaml");
    await cluster.apply(parse(readFileSync(storage, "utf8")) as ApiObject);
    await writeFile(
      join(folder, "devflow.yaml"),
      JSON.stringify({
        version: 1,
        stack: { kind: "saas", name: "prod" },
        network: { domain: "dev.example.com", email: "ops@example.com" },
        images: { glue: "registry.example.com/devflow/glue:0.1.0", byDigest: false },
        components: Object.fromEntries(absent.map((name) => [name, false])),
        backups: { destination: "s3://example-backups/devflow" },
        kubernetes: {
          kubeconfig: join(plane.folder, "kubeconfig"),
          context: "test",
        },
      }),
    );
    stack = await openStack({ env: env(), cwd: folder }, {});
  });
  afterAll(async () => {
    await stopOperators?.();
    await plane?.[Symbol.asyncDispose]();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function up() {
    const { signal } = new AbortController();
    const result = await pulumiEngine(stack, env()).run({ mode: "up", signal, onEvent: () => {} });
    expect(result.failed.map(({ urn, error }) => `${urn}: ${error.message}`)).toEqual([]);
    const changed = result.steps.filter(({ custom, op }) => custom && op !== "same" && op !== "read");
    return changed.map(({ op, type, name }) => `${op} ${type} ${name}`);
  }

  async function clusterChecks() {
    const results = await preflight(await preflightInput(stack), { limit: 20_000 });
    return results
      .filter(({ name }) => name.startsWith("kubernetes"))
      .map(({ status, result }) => ({ status, result }));
  }

  test("preflight says what the cluster lacks, and is content when it has that", async () => {
    const before = await clusterChecks();
    expect(before.map(({ status }) => status)).toEqual(["ok", "fail", "fail", "ok"]);
    expect(before[1]?.result).toContain("CloudNativePG is not there");
    for (const definition of await customDefinitions()) await cluster.define(definition as ApiObject);
    const traefik = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", metadata: { name: "traefik" } };
    await cluster.apply({ ...traefik, spec: { controllerName: "example.com/traefik" } });
    for (const namespace of ["cnpg-system", "cert-manager", "traefik"]) {
      await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      await cluster.apply(instance(namespace, "operator", {}));
    }
    await expect.poll(clusterChecks).toMatchObject(Array(4).fill({ status: "ok" }));
    stopOperators = startOperators(cluster, postgres, "devflow");
  });

  test("preview shows everything as new, and makes nothing", async () => {
    const changes = changesOf(await run("preview", "--json"));
    expect(changes).toContain("create kubernetes:apps/v1:Deployment platform");
    expect(changes.every((change) => change.startsWith("create "))).toBe(true);
    await expect(cluster.read("v1", "Namespace", "devflow")).rejects.toThrow("404");
  });

  test("up makes all of it, waits until pods are ready, and sets up the database through the cluster's API", async () => {
    const changed = await up();
    expect(changed.length).toBeGreaterThan(30);
    const { status } = await cluster.read("apps/v1", "Deployment", "platform", "devflow");
    expect(status.readyReplicas).toBeGreaterThan(0);
    const { data } = await cluster.read("v1", "Secret", "postgres-superuser", "devflow");
    const password = Buffer.from(data.password, "base64").toString();
    const client = new pg.Client({
      host: "127.0.0.1",
      port: postgres.port,
      user: "postgres",
      password,
      database: "platform",
    });
    await client.connect();
    const { rows } = await client.query("SELECT extname FROM pg_extension WHERE extname = 'vector'");
    await client.end();
    expect(rows).toHaveLength(1);
  });

  test("a second up in the cluster changes nothing", async () => {
    expect(await up()).toEqual([]);
  });

  test("what somebody removed or changed in the cluster is put back, and nothing else is touched", async () => {
    await cluster.remove("networking.k8s.io/v1", "NetworkPolicy", "deny-all", "devflow");
    const budget = await cluster.read("policy/v1", "PodDisruptionBudget", "platform", "devflow");
    await cluster.apply({
      ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", spec: { ...budget.spec, maxUnavailable: 2 } },
      metadata: { name: "platform", namespace: "devflow" },
    });
    expect((await up()).sort()).toEqual([
      "create kubernetes:networking.k8s.io/v1:NetworkPolicy platform-deny-all",
      "update kubernetes:policy/v1:PodDisruptionBudget platform",
    ]);
    const restored = await cluster.read("policy/v1", "PodDisruptionBudget", "platform", "devflow");
    expect(restored.spec.maxUnavailable).toBe(1);
    expect((await cluster.read("networking.k8s.io/v1", "NetworkPolicy", "deny-all", "devflow")).spec).toBeDefined();
  });

  test("preview tells what another answer would create, update, replace and delete, against what is there", async () => {
    const nothing = await run("preview");
    expect([nothing.code, nothing.stdout]).toEqual([0, expect.stringContaining("Nothing to do.")]);
    const changes = changesOf(
      await run(
        ...["preview", "--json", "--set", "images.glue=registry.example.com/devflow/glue:0.2.0"],
        ...["--set", "components.metrics=false", "--set", "kubernetes.ha=true"],
      ),
    );
    expect(changes).toContain("update kubernetes:apps/v1:Deployment platform");
    expect(changes).toContain("delete kubernetes:apps/v1:StatefulSet metrics");
    expect(changes).toContain("update kubernetes:postgresql.cnpg.io/v1:Cluster postgres");
    expect(changes.filter((change) => change.includes("storage.k8s.io"))).toEqual([]);
    const { spec } = await cluster.read("apps/v1", "Deployment", "platform", "devflow");
    expect(spec.template.spec.containers[0].image).toBe("registry.example.com/devflow/glue:0.1.0");
  });

  test("destroy names what holds data and does nothing until it is given the stack's name", async () => {
    for (const args of [[], ["--yes"], ["--yes", "--confirm", "another"]]) {
      const { code, stderr } = await run("destroy", ...args);
      expect(code, args.join(" ")).not.toBe(0);
      expect(stderr).toMatch(/database server\s+postgres\s+deleted/);
      expect(stderr).toMatch(/volume\s+storage-data\s+deleted/);
      expect(stderr).toMatch(/database\s+platform\s+deleted/);
      expect(stderr).toContain("--yes --confirm prod");
    }
    expect((await cluster.read("apps/v1", "Deployment", "platform", "devflow")).status.readyReplicas).toBeGreaterThan(
      0,
    );
  });

  test("what is protected is named as such, and nothing is deleted as long as it is, whatever was agreed to", async () => {
    const resources = await pulumiEngine(stack, env()).resources();
    const claim = resources.find(({ urn }) => urn.includes("PersistentVolumeClaim::storage"))?.urn ?? "";
    pulumi("state", "protect", claim);
    const { code, stderr } = await run("destroy", "--yes", "--confirm", "prod");
    expect([code, stderr]).toEqual([
      expect.any(Number),
      expect.stringMatching(/storage-data\s+protected: refuses to go/),
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("Nothing was deleted.");
    expect(await up()).toEqual([]);
    pulumi("state", "unprotect", claim);
  });

  /** Pulumi's own command on the stack's own project. */
  function pulumi(...args: string[]): void {
    const project = join(stack.paths.root, "pulumi");
    const { status, stderr } = spawnSync("pulumi", [...args, "--yes", "--stack", "prod"], {
      ...{ cwd: project, encoding: "utf8" },
      env: {
        ...env(),
        PULUMI_BACKEND_URL: `file://${project}/state`,
        PULUMI_CONFIG_PASSPHRASE_FILE: join(project, "passphrase"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
    if (status !== 0) throw new Error(stderr);
  }

  test("destroy with the stack's name leaves nothing in the cluster, nor of the stack on this machine", async () => {
    const { code, stderr } = await run("destroy", "--yes", "--confirm", "prod");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Stack prod is gone.")]);
    await cluster.until(
      "the end of the namespace",
      async () => (await cluster.core.listNamespace()).items.map(({ metadata }) => metadata?.name),
      (names) => !names.includes("devflow"),
      60,
    );
    expect((await cluster.core.listPersistentVolumeClaimForAllNamespaces()).items).toEqual([]);
    expect(await run("preview", "--json").then(changesOf)).toContain("create kubernetes:core/v1:Namespace platform");
  });
});
