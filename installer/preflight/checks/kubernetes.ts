import { DevflowError } from "../../../components/error.ts";
import type { Check, CheckInput, Finding } from "../check.ts";
import { type ClusterView, viewCluster } from "../machine/cluster.ts";
import { type Operator, operatorsOf } from "../operators.ts";

/** First minor version whose pods can sleep before they stop, and whose streams can end a program's input. */
const oldest = 32;

/** Checks of the cluster of a stack of kind `saas`; the question does not arise for other kinds. */
export const kubernetes: Check = {
  name: "kubernetes",
  title: "Kubernetes",
  why: "The platform is made of pods, which this cluster runs.",
  run: (input, signal) =>
    onCluster(input, signal, async (cluster) => {
      const { name, version, minor } = await cluster.version();
      const data = { context: name, version };
      const result = `${version}, context ${name}`;
      if (minor < oldest) return { status: "fail", result, fix: `Upgrade the cluster to 1.${oldest} or later.`, data };
      if (input.settings.kubernetes.context !== undefined) return { status: "ok", result, data };
      const fix = "Name the context (kubernetes.context): the current one is changed by any other terminal.";
      return { status: "warn", result: `${result}, the kubeconfig's current one`, fix, data };
    }),
};

export const operators: Check = {
  name: "kubernetes-operators",
  title: "Operators",
  why: "The database, certificates and the front door are made by operators; without one its objects are refused or ignored.",
  run: (input, signal) =>
    onCluster(input, signal, async (cluster) => {
      const needed = operatorsOf(input.settings);
      const found = await Promise.all(needed.map(async (one) => ({ one, lacks: await lacking(one, cluster) })));
      const data = found.map(({ one, lacks }) => ({ operator: one.title, namespace: one.namespace, lacks }));
      const [first, ...others] = found.filter(({ lacks }) => lacks.kinds.length > 0);
      if (first) {
        const more = others.map(({ one }) => `, and ${one.title}`).join("");
        const result = `${first.one.title} is not there: no kind ${first.lacks.kinds.join(", ")}${more}`;
        return { status: "fail", result, fix: first.one.fix, data };
      }
      const idle = found.find(({ lacks }) => lacks.pods);
      if (idle) {
        const { title, namespace } = idle.one;
        const fix = `See \`kubectl -n ${namespace} get pods\`; if it runs elsewhere, say so: its namespace is a setting.`;
        return { status: "warn", result: `no pod of ${title} is ready in namespace ${namespace}`, fix, data };
      }
      return { status: "ok", result: needed.map(({ title }) => title).join(", "), data };
    }),
};

export const classes: Check = {
  name: "kubernetes-classes",
  title: "Classes of the cluster",
  why: "Volumes, the front door and certificates name a class or an issuer; a wrong name waits for ever.",
  run: (input, signal) =>
    onCluster(input, signal, async (cluster) => {
      const { storageClass, ingress, secretStore } = input.settings.kubernetes;
      const door = ingress.kind === "gateway" ? gatewayClasses : ingressClasses;
      const named = [
        { ...storageClasses, name: storageClass },
        { ...door, name: ingress.class },
        ...(ingress.issuer === undefined ? [] : [{ ...issuers, name: ingress.issuer }]),
        ...(secretStore === undefined ? [] : [{ ...secretStores, name: secretStore }]),
      ];
      for (const { api, plural, what, setting, name } of named) {
        const there = await cluster.list(api, plural);
        const fits =
          name === undefined ? there.some(({ isDefault }) => isDefault) : there.some((one) => one.name === name);
        if (fits) continue;
        const names = there.map((one) => one.name).join(", ") || "none";
        const result = name === undefined ? `the cluster has no default ${what}` : `there is no ${what} ${name}`;
        return { status: "fail", result, fix: `Set ${setting}; the cluster has: ${names}.` };
      }
      return { status: "ok", result: named.map(({ name, what }) => name ?? `default ${what}`).join(", ") };
    }),
};

export const kubernetesBackups: Check = {
  name: "kubernetes-backups",
  title: "Backups",
  why: "Without them a lost or spoilt database cannot be brought back.",
  async run({ settings: { stack, backups } }) {
    if (stack.kind !== "saas") return { status: "skipped", result: "no cluster in this stack" };
    if (backups.destination !== undefined) return { status: "ok", result: backups.destination };
    const fix = "Set backups.destination to a bucket outside of the cluster: `up` refuses to go on without.";
    return { status: "fail", result: "the database has none", fix };
  },
};

const storageClasses = {
  api: "storage.k8s.io/v1",
  plural: "storageclasses",
  what: "storage class",
  setting: "kubernetes.storageClass",
};
const gatewayClasses = {
  api: "gateway.networking.k8s.io/v1",
  plural: "gatewayclasses",
  what: "gateway class",
  setting: "kubernetes.ingress.class",
};
const ingressClasses = {
  ...gatewayClasses,
  api: "networking.k8s.io/v1",
  plural: "ingressclasses",
  what: "ingress class",
};
const issuers = {
  api: "cert-manager.io/v1",
  plural: "clusterissuers",
  what: "cluster issuer",
  setting: "kubernetes.ingress.issuer",
};
const secretStores = {
  api: "external-secrets.io/v1",
  plural: "clustersecretstores",
  what: "cluster secret store",
  setting: "kubernetes.secretStore",
};

/** Kinds that the cluster does not know, and whether none of the operator's pods is ready. */
async function lacking(
  { kinds, namespace }: Operator,
  cluster: ClusterView,
): Promise<{ kinds: string[]; pods: boolean }> {
  const known = await Promise.all(kinds.map(({ api }) => cluster.kinds(api)));
  const missing = kinds.flatMap(({ api, names }, index) =>
    names.filter((name) => !known[index]?.includes(name)).map((name) => `${name} (${api})`),
  );
  return { kinds: missing, pods: missing.length === 0 && !(await cluster.hasReadyPod(namespace)) };
}

/** Asks the cluster of a stack of kind `saas`; one that cannot be asked is a finding of its own. */
export async function onCluster(
  { settings }: CheckInput,
  signal: AbortSignal,
  ask: (cluster: ClusterView) => Promise<Finding>,
): Promise<Finding> {
  if (settings.stack.kind !== "saas") return { status: "skipped", result: "no cluster in this stack" };
  try {
    return await ask(await viewCluster(settings.kubernetes, signal));
  } catch (error) {
    if (!(error instanceof DevflowError)) throw error;
    return { status: "fail", result: error.message.replace(/\.$/, ""), fix: error.hint };
  }
}
