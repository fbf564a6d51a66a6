import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../glue-services/backup/config.ts";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { reveal } from "../../installer/engine/values.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { resolveSettings } from "../../stacks/config/index.ts";
import { declare, find, type Manifest, manifestsOf } from "./saas/manifests.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "devflow-declared-backups-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the program of backups makes of a text that is rendered for it. */
async function understood(text: string) {
  const file = join(folder, "backups.json");
  await writeFile(file, text);
  return loadConfig(file);
}

describe("every stateful product has a copy every night", () => {
  const stateful = ["postgres", "timescale", "runtime-db", "proxy", "code", "graph", "errors", "runtime-functions"];

  async function appliance(flags: Record<string, unknown>): Promise<Goal[]> {
    const every = { "stack.kind": "onprem", profile: "full" };
    const { goals, errors } = await declared(
      resolveSettings({ flags: { ...every, ...flags }, env: {}, cwd: "/" }).settings,
    );
    expect(errors).toEqual([]);
    return goals;
  }
  const configOf = (goals: Goal[]) => {
    const files = goals.find(({ type, name }) => type === "devflow:index:ContainerFiles" && name === "backups");
    return understood((reveal(files?.inputs ?? {}) as { files: Record<string, string> }).files["backups.json"] ?? "");
  };

  test("of an appliance, from volumes it cannot write to, databases before files and files before objects", async () => {
    const goals = await appliance({});
    const config = await configOf(goals);
    const kinds = Object.values(config.copies).map(({ kind }) => kind);
    expect(Object.keys(config.copies)).toEqual(
      expect.arrayContaining([...stateful, "storage", "runtime-studio", "secrets"]),
    );
    expect(kinds).toEqual([...kinds].sort((one, other) => order.indexOf(one) - order.indexOf(other)));
    expect(config).toMatchObject({ at: "02:17", keepDays: 3, target: { kind: "folder", path: "/data" } });
    expect(config.copies.storage).toMatchObject({ leaveOut: ["devflow-logs", "devflow-traces"] });
    const container = goals.find(({ type, name }) => type === "docker:index/container:Container" && name === "backups");
    const volumes = container?.inputs.volumes as { containerPath: string; readOnly?: boolean }[];
    const read = volumes.filter(({ containerPath }) => containerPath.startsWith("/copied/"));
    expect(read.length).toBeGreaterThan(4);
    expect(read.every(({ readOnly }) => readOnly)).toBe(true);
    expect(container?.inputs.capabilities).toEqual({ drops: ["ALL"], adds: ["CAP_DAC_OVERRIDE"] });
    expect(JSON.stringify(container?.inputs.networksAdvanced)).not.toContain("outer");
  });

  test("of an appliance, and its container names the secrets among its copies only where there is a key", async () => {
    const envFile = join(folder, "key-of-copies.env");
    await writeFile(envFile, "ENCRYPTION_KEY=a passphrase\n");
    const labelOf = async (flags: Record<string, unknown>) => {
      const goals = await appliance(flags);
      const made = goals.find(({ type, name }) => type === "docker:index/container:Container" && name === "backups");
      const labels = made?.inputs.labels as { label: string; value: string }[];
      return (labels.find(({ label }) => label === "dev.devflow.copies")?.value ?? "").split(",");
    };
    const without = await labelOf({});
    expect(without).toEqual(expect.arrayContaining(["postgres", "code", "storage"]));
    expect(without).not.toContain("secrets");
    expect(await labelOf({ "backups.envFile": envFile })).toContain("secrets");
  });

  test("of an appliance, into a bucket or a folder of its own, encrypted where there is a key", async () => {
    const envFile = join(folder, "backups.env");
    await writeFile(envFile, "ACCESS_KEY_ID=key\nACCESS_SECRET_KEY='secret one'\nENCRYPTION_KEY=a passphrase\n");
    const destination = { "backups.destination": "s3://example-backups/box", "backups.envFile": envFile };
    const goals = await appliance({ ...destination, "backups.logs": true });
    const config = await configOf(goals);
    expect(config).toMatchObject({
      keepDays: 30,
      encryptionKey: "a passphrase",
      target: { kind: "s3", bucket: "example-backups", prefix: "box/local/", server: { secretKey: "secret one" } },
      copies: { storage: { leaveOut: [] } },
    });
    const container = goals.find(({ type, name }) => type === "docker:index/container:Container" && name === "backups");
    expect(JSON.stringify(container?.inputs)).not.toMatch(/secret one|a passphrase/);
    const inFolder = await appliance({ "backups.folder": "/mnt/backups" });
    expect(await configOf(inFolder)).toMatchObject({ keepDays: 30, target: { kind: "folder", path: "/kept/local" } });
    const lacking = { ...destination, "stack.kind": "onprem", "backups.envFile": join(folder, "none.env") };
    const { errors } = await declared(resolveSettings({ flags: lacking, env: {}, cwd: "/" }).settings);
    expect(String(errors[0])).toContain("backups.envFile cannot be read");
  });

  test("of a cluster, each by a job of its own with the rights of the user whose files it reads", async () => {
    const flags = { profile: "full", "backups.destination": "s3://example-backups/x", "backups.secretName": "s3" };
    const manifests = manifestsOf(await declare(flags));
    const jobs = manifests.filter(({ kind }) => kind === "CronJob");
    const inCluster = stateful.filter((name) => !["postgres", "proxy"].includes(name));
    expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual(
      [...inCluster, "runtime-studio", "secrets", "storage"].map((name) => `backup-${name}`).sort(),
    );
    for (const { metadata, spec } of jobs) {
      expect(spec).toMatchObject({ concurrencyPolicy: "Forbid", timeZone: "Etc/UTC", startingDeadlineSeconds: 21_600 });
      const config = find(manifests, "Secret", metadata.name).stringData["backups.json"];
      const { target, keepDays } = await understood(config);
      expect([target, keepDays]).toMatchObject([{ kind: "s3", bucket: "example-backups", prefix: "x/test/" }, 30]);
    }
    const { spec } = find(manifests, "CronJob", "backup-code").spec.jobTemplate.spec.template;
    const workload = find(manifests, "StatefulSet", "code").spec.template.spec;
    // Another group would take the volume over when it is mounted.
    expect(spec.securityContext).toEqual(workload.securityContext);
    expect(spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]).toMatchObject({
      labelSelector: { matchLabels: { "app.kubernetes.io/name": "code" } },
      topologyKey: "kubernetes.io/hostname",
    });
    expect(spec.containers[0].volumeMounts).toContainEqual({ name: "data", mountPath: "/copied", readOnly: true });
    expect(find(manifests, "CronJob", "backup-timescale").spec.schedule).toBe("17 2 * * *");
    expect(find(manifests, "CronJob", "backup-code").spec.schedule).toBe("37 2 * * *");
    expect(find(manifests, "CronJob", "backup-storage").spec.schedule).toBe("57 2 * * *");
  });

  test("of an AWS account, by copies of disks, and of the databases in its cluster to the bucket nobody can delete from", async () => {
    const { goals, errors } = await declared(exampleSettings("dedicated", ["components.graph=true"]));
    expect(errors).toEqual([]);
    const jobs = goals.filter(({ type }) => type === "kubernetes:batch/v1:CronJob").map(({ name }) => name);
    expect(jobs.sort()).toEqual(["backup-runtime-db", "backup-timescale"]);
    const policy = goals.find(({ type, name }) => type === "aws:iam/rolePolicy:RolePolicy" && name === "acme-backups");
    expect(String(policy?.inputs.policy)).not.toMatch(/Delete|\*:\*/);
    const config = goals.find(({ name, type }) => name === "backup-timescale" && type === "kubernetes:core/v1:Secret");
    const text = (reveal(config?.inputs ?? {}) as { stringData: Record<string, string> }).stringData["backups.json"];
    expect(await understood(text ?? "")).toMatchObject({
      keepDays: 0,
      target: { bucket: expect.stringContaining("acme-objects") },
    });
    const stops = goals.find(({ type, name }) => type === "kubernetes:apps/v1:StatefulSet" && name === "graph");
    expect(JSON.stringify(stops?.inputs)).not.toContain("02:17");
  });
});

const order = ["secrets", "postgres", "folder", "buckets"];

describe("PostgreSQL's archive", () => {
  const destination = { "backups.destination": "s3://example-backups/x", "backups.secretName": "s3" };
  const cluster = async (flags: Record<string, unknown>): Promise<[Manifest, Goal | undefined]> => {
    const evaluation = await declare({ ...destination, ...flags });
    expect(evaluation.errors).toEqual([]);
    const goal = evaluation.goals.find(({ type }) => type === "kubernetes:postgresql.cnpg.io/v1:Cluster");
    return [find(manifestsOf(evaluation), "Cluster", "postgres"), goal];
  };

  test("has another name each time the stack is made, so that no server writes into another one's", async () => {
    const [{ spec }] = await cluster({});
    expect(spec.plugins[0].parameters).toEqual({ barmanObjectName: "postgres", serverName: "postgres-0f0f0f0f" });
    expect(spec.bootstrap.initdb).toMatchObject({ dataChecksums: true });
    const [named] = await cluster({ "backups.serverName": "postgres-2" });
    expect(named.spec.plugins[0].parameters.serverName).toBe("postgres-2");
  });

  test("is what a server is made from, up to a moment, and nothing that is said later makes it anew", async () => {
    const [{ spec }, goal] = await cluster({
      "backups.recoverFrom.serverName": "postgres-0aa0aa0a",
      "backups.recoverFrom.targetTime": "2026-11-04T02:17:00Z",
    });
    expect(spec.bootstrap).toEqual({
      recovery: {
        ...{ source: "archive", database: "devflow", owner: "devflow" },
        recoveryTarget: { targetTime: "2026-11-04T02:17:00Z" },
      },
    });
    expect(spec.externalClusters[0].plugin).toEqual({
      name: "barman-cloud.cloudnative-pg.io",
      parameters: { barmanObjectName: "postgres", serverName: "postgres-0aa0aa0a" },
    });
    expect(spec.plugins[0].parameters.serverName).toBe("postgres-0f0f0f0f");
    expect(goal?.ignoreChanges).toEqual(["spec.bootstrap", "spec.externalClusters"]);
  });

  test("on RDS is a snapshot or a moment of another instance, and the last snapshot's name is never used twice", async () => {
    const rds = async (...set: string[]) => {
      const { goals, errors } = await declared(exampleSettings("dedicated", set));
      expect(errors).toEqual([]);
      return goals.find(({ type }) => type === "aws:rds/instance:Instance");
    };
    const plain = await rds();
    expect(plain?.inputs.finalSnapshotIdentifier).toMatch(/^acme-postgres-final-.+/);
    expect(plain?.inputs.snapshotIdentifier).toBeUndefined();
    expect(plain?.ignoreChanges).toEqual(
      expect.arrayContaining(["finalSnapshotIdentifier", "snapshotIdentifier", "restoreToPointInTime"]),
    );
    const snapshot = await rds("backups.recoverFrom.snapshot=acme-postgres-final-1c9a42");
    expect(snapshot?.inputs.snapshotIdentifier).toBe("acme-postgres-final-1c9a42");
    const time = "backups.recoverFrom.targetTime=2026-11-04T02:17:00Z";
    const moment = await rds("backups.recoverFrom.instance=db-ABCDEFGHIJKLMNOP", time);
    expect(moment?.inputs.restoreToPointInTime).toEqual({
      sourceDbiResourceId: "db-ABCDEFGHIJKLMNOP",
      restoreTime: "2026-11-04T02:17:00Z",
    });
  });
});
