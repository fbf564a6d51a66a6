import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, Programs } from "./processes.ts";
import type { ProgramName } from "./programs.ts";

export interface ControlPlane extends AsyncDisposable {
  /** In full. */
  kubeconfig: string;
  folder: string;
}

/** What a kwok kubelet does when somebody wants to talk to a pod: there is no container, so this machine answers. */
export interface Pods {
  /** Port of this machine that every forwarded port leads to. */
  port: number;
}

/**
 * A real API server with its store, controllers and scheduler, on loopback. Nodes and pods are kwok's: pods are scheduled,
 * become ready and end as real ones do, but nothing runs in them.
 */
export async function startControlPlane(paths: Record<ProgramName, string>, pods: Pods): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), "devflow-kubernetes-"));
  const [etcd, peer, api, manager, scheduler, kubelet] = await freePorts(6);
  const token = randomUUID();
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const signing = file("service-account.key", privateKey);
  const config = kubeconfigOf(`https://127.0.0.1:${api}`, token);
  const kubeconfig = file("kubeconfig", config);
  const programs = new Programs(folder);
  const kubernetes = (name: string) => join(paths.kubernetes, "bin", name);
  const certificates = ["--bind-address=127.0.0.1", `--cert-dir=${join(folder, "certificates")}`];
  try {
    programs.start("etcd", join(paths.etcd, "bin/etcd"), [
      `--data-dir=${join(folder, "etcd")}`,
      ...listening("client", etcd, "--advertise-client-urls"),
      ...listening("peer", peer, "--initial-advertise-peer-urls"),
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      "--unsafe-no-fsync",
    ]);
    programs.start("kube-apiserver", kubernetes("kube-apiserver"), [
      `--etcd-servers=http://127.0.0.1:${etcd}`,
      ...certificates,
      `--secure-port=${api}`,
      `--token-auth-file=${file("tokens.csv", `${token},admin,admin,system:masters\nnobody-${token},ada,ada,\n`)}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-signing-key-file=${signing}`,
      `--service-account-key-file=${file("service-account.pub", publicKey)}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      "--endpoint-reconciler-type=none",
    ]);
    await programs.answers(`https://127.0.0.1:${api}/readyz`, token);
    const controllers = [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", ...certificates];
    programs.start("kube-controller-manager", kubernetes("kube-controller-manager"), [
      ...controllers,
      `--secure-port=${manager}`,
      `--service-account-private-key-file=${signing}`,
      // On a busy machine a node's sign of life may be late, which is no failure of what is tested.
      "--node-monitor-grace-period=10m",
    ]);
    programs.start("kube-scheduler", kubernetes("kube-scheduler"), [...controllers, `--secure-port=${scheduler}`]);
    programs.start("kwok", join(paths.kwok, "bin/kwok"), [
      ...[`--kubeconfig=${kubeconfig}`, "--manage-all-nodes=true", "--node-ip=127.0.0.1", `--node-port=${kubelet}`],
      `--server-address=127.0.0.1:${kubelet}`,
      "--node-lease-duration-seconds=40",
      // The API server takes a kubelet's word for who it is when it is given no authority.
      `--tls-cert-file=${join(folder, "certificates", "apiserver.crt")}`,
      `--tls-private-key-file=${join(folder, "certificates", "apiserver.key")}`,
      ...stages(join(paths.kwok, "share", "stages")).map((stage) => `--config=${stage}`),
      `--config=${file("pods.yaml", podsOf(pods))}`,
    ]);
  } catch (error) {
    await programs.stop();
    throw error;
  }
  return {
    kubeconfig: config,
    folder,
    async [Symbol.asyncDispose]() {
      await programs.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listening(kind: "client" | "peer", port: number | undefined, advertised: string): string[] {
  return [`--listen-${kind}-urls=http://127.0.0.1:${port}`, `${advertised}=http://127.0.0.1:${port}`];
}

/** The project's own: how nodes, pods and volumes go from one state to the next. */
function stages(folder: string): string[] {
  return [
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
    "volume/fast/pvc-provision.yaml",
    "volume/fast/pvc-delete.yaml",
    "volume/fast/pv-bind.yaml",
    "volume/fast/pv-delete.yaml",
  ].map((stage) => join(folder, stage));
}

function podsOf({ port }: Pods): string {
  return `
apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterPortForward
metadata: { name: loopback }
spec: { forwards: [{ target: { address: 127.0.0.1, port: ${port} } }] }
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterExec
metadata: { name: here }
spec: { execs: [{ local: { workDir: / } }] }
`;
}

/** The API server makes its own certificate, which nobody has signed. */
export function kubeconfigOf(server: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{ name: test, cluster: { server: "${server}", insecure-skip-tls-verify: true } }]
users: [{ name: admin, user: { token: "${token}" } }, { name: ada, user: { token: "nobody-${token}" } }]
contexts:
  - { name: test, context: { cluster: test, user: admin } }
  - { name: nobody, context: { cluster: test, user: ada } }
current-context: test
`;
}
