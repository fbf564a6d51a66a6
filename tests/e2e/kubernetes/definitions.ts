import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";

/** Where the operators' own definitions of their kinds are: in the Go modules of their releases. */
const sources = [
  {
    module: "github.com/cloudnative-pg/cloudnative-pg@v1.30.0",
    files: ["clusters", "poolers", "scheduledbackups"].map(
      (kind) => `config/crd/bases/postgresql.cnpg.io_${kind}.yaml`,
    ),
  },
  {
    module: "github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0",
    files: ["config/crd/bases/barmancloud.cnpg.io_objectstores.yaml"],
  },
  {
    module: "sigs.k8s.io/gateway-api@v1.6.3",
    files: ["gatewayclasses", "gateways", "httproutes"].map(
      (kind) => `config/crd/standard/gateway.networking.k8s.io_${kind}.yaml`,
    ),
  },
  {
    module: "github.com/cert-manager/cert-manager@v1.21.2",
    files: ["issuers", "clusterissuers"].map((kind) => `deploy/crds/cert-manager.io_${kind}.yaml`),
  },
  {
    module: "github.com/kedacore/keda/v2@v2.21.0",
    files: ["scaledobjects", "triggerauthentications"].map((kind) => `config/crd/bases/keda.sh_${kind}.yaml`),
  },
  {
    module: "github.com/external-secrets/external-secrets@v1.3.2",
    files: ["config/crds/bases/external-secrets.io_pushsecrets.yaml"],
  },
];

/** Definitions of every kind that a stack uses and Kubernetes itself does not have. */
export async function customDefinitions(): Promise<KubernetesObject[]> {
  const found = await Promise.all(
    sources.map(async ({ module, files }) => {
      const folder = await download(module);
      return files.flatMap((file) => documents(readFileSync(join(folder, file), "utf8")));
    }),
  );
  return found.flat();
}

function documents(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value = document.toJS() as KubernetesObject | null;
    return value?.kind === "CustomResourceDefinition" ? [value] : [];
  });
}

/** By Go's own client, which keeps it in its cache and checks it against the public checksum database. */
async function download(module: string): Promise<string> {
  const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", module], {
    env: { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local", PATH: `${process.env.PATH}:/usr/local/go/bin` },
    cwd: "/",
    maxBuffer: 2 ** 20,
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
