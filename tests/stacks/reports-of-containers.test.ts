import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import type { Evaluation } from "../../installer/engine/index.ts";
import { reveal } from "../../installer/engine/values.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { find, type Manifest, manifestsOf } from "./saas/manifests.ts";

const everything = ["runtime", "graph"].map((name) => `components.${name}=true`);

/** Faults that people reported of the same programs elsewhere, held against what our program declares. */
describe("what others reported of these programs", () => {
  let appliance: Evaluation;
  let cluster: Evaluation;
  let manifests: Manifest[];
  beforeAll(async () => {
    [appliance, cluster] = await Promise.all([
      declared(exampleSettings("onprem", everything)),
      declared(exampleSettings("saas", everything)),
    ]);
    manifests = manifestsOf(cluster);
  }, 60_000);

  const inputsOf = ({ goals }: Evaluation, type: string, name: string) => {
    const goal = goals.find((one) => one.type === type && one.name === name);
    if (!goal) throw new Error(`there is no ${type} ${name}`);
    return reveal(goal.inputs) as Record<string, unknown>;
  };
  const container = (name: string) => inputsOf(appliance, "docker:index/container:Container", name);
  const filesOf = (name: string) => JSON.stringify(inputsOf(appliance, "devflow:index:ContainerFiles", name).files);
  const podOf = (name: string) =>
    (manifests.some((one) => one.kind === "Deployment" && one.metadata.name === name)
      ? find(manifests, "Deployment", name)
      : find(manifests, "StatefulSet", name)
    ).spec.template.spec;
  /** All that a program is started with on either target, its own files included. */
  const startOf = (name: string) => [
    `${JSON.stringify(container(name).entrypoints)} ${JSON.stringify(container(name).command)} ${filesOf(name)}`,
    `${JSON.stringify(podOf(name).containers[0].command)} ${secretsOf(name)}`,
  ];
  const secretsOf = (name: string) =>
    JSON.stringify(manifests.filter(({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(name)));

  it("supabase/realtime 2063: nothing becomes another user by sudo, where no new privilege may be had", () => {
    for (const start of startOf("runtime-realtime")) {
      expect(start).not.toMatch(/sudo|run\.sh|limits\.sh/);
      expect(start).toContain("exec /app/bin/server");
    }
    expect(container("runtime-realtime")).toMatchObject({ securityOpts: ["no-new-privileges:true"] });
    const pod = podOf("runtime-realtime");
    const security = { ...pod.securityContext, ...pod.containers[0].securityContext };
    expect(security).toMatchObject({ runAsNonRoot: true, allowPrivilegeEscalation: false });
    expect(security.runAsUser).toBeGreaterThan(0);
  });

  it("supabase/cli 4443: a limit of open files that may not be raised ends neither pooler nor realtime", () => {
    for (const name of ["runtime-pooler", "runtime-realtime"]) {
      for (const start of startOf(name)) {
        const raises = [...start.matchAll(/ulimit -n \d+[^;\\"]*/g)].map(([raise]) => raise.trim());
        expect([name, raises.length]).toEqual([name, 1]);
        // More than any kernel gives, so that root is refused as well.
        const script = `set -eu\n${raises[0]?.replace(/\d+/, "99999999999")}\necho goes on`;
        const printed = execFileSync("/bin/sh", ["-c", script], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        });
        expect(printed).toBe("goes on\n");
      }
    }
  });

  it("antonyrag/ragleap-core 348: no empty folder hides Neo4j's defaults, and what they say of Java is said", () => {
    const mounts = podOf("graph").containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    const tmpfs = Object.keys(container("graph").tmpfs as Record<string, string>);
    expect([...mounts, ...tmpfs].filter((path) => /neo4j\/(conf|lib|plugins)|^\/conf/.test(path))).toEqual([]);
    for (const start of startOf("graph")) {
      expect(start).toContain("NEO4J_CONF=/tmp/conf");
      for (const option of defaultsOfNeo4j) expect(start).toContain(`server.jvm.additional=${option}`);
      // One may be said once: of two the second counts, for which nobody looks.
      const keys = [...start.matchAll(/\\n((?:server|db|dbms)\.[\w.]+)=/g)].map(([, key]) => key);
      const single = keys.filter((key) => key !== "server.jvm.additional");
      expect(single).toEqual([...new Set(single)]);
    }
  });

  it("pulumi-kubernetes 2948: a renamed object is refused, not deleted, by a provider of the very version", () => {
    const provider = inputsOf(cluster, "pulumi:providers:kubernetes", "cluster");
    expect(provider).toMatchObject({ enableServerSideApply: "true" });
    expect(Object.keys(provider)).not.toContain("upsertExistingObjects");
    const { peerDependencies } = JSON.parse(readFileSync(packageFile, "utf8")) as PackageFile;
    const asked = peerDependencies["@pulumi/kubernetes"] ?? "";
    // Exact: what the package asks Pulumi for is the plugin of its own version.
    expect(asked).toMatch(/^\d+\.\d+\.\d+$/);
    const [major = 0, minor = 0] = asked.split(".").map(Number);
    expect(major * 1000 + minor).toBeGreaterThanOrEqual(4030);
  });

  it("caddyserver/caddy 7350: the only front door has memory for compressed streams, and is never the first to go", () => {
    const { memory, memorySwap, restart } = container("proxy");
    expect(Number(memory)).toBeGreaterThanOrEqual(256);
    expect([memorySwap, restart]).toEqual([memory, "unless-stopped"]);
  });
});

/** Of the configuration that comes with Neo4j, what makes it slower, louder or weaker when it is missing. */
const defaultsOfNeo4j = [
  "-XX:+UseG1GC",
  "-XX:-OmitStackTraceInFastThrow",
  "-XX:+DisableExplicitGC",
  "-Djdk.nio.maxCachedBufferSize=1024",
  "-Dio.netty.tryReflectionSetAccessible=true",
  "-Djdk.tls.ephemeralDHKeySize=2048",
  "-Djdk.tls.rejectClientInitiatedRenegotiation=true",
  "-Dlog4j2.disable.jmx=true",
  "--add-opens=java.base/java.nio=ALL-UNNAMED",
  "--add-opens=java.base/java.io=ALL-UNNAMED",
  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
  "--enable-native-access=ALL-UNNAMED",
];

const packageFile = new URL("../../package.json", import.meta.url);

interface PackageFile {
  peerDependencies: Record<string, string>;
}
