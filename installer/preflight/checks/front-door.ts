import { listenerPorts } from "../../../components/primitives/kubernetes/front-door.ts";
import type { Settings } from "../../../stacks/config/index.ts";
import type { Check, Finding } from "../check.ts";
import type { ClusterView } from "../machine/cluster.ts";
import { entryPoints, ingressControllers, isUnlimited } from "../machine/front-door.ts";
import { onCluster } from "./kubernetes.ts";

type Ingress = Settings["kubernetes"]["ingress"];

const table = "docs/kubernetes.md, “Front doors by controller”, has what each needs";

/** Reads what the controller of the front door is set to, where an API says it: its class, its arguments, the Gateway. */
export const frontDoor: Check = {
  name: "kubernetes-front-door",
  title: "Front door",
  why: "Controllers end long pushes, large bodies and streams unless they are told otherwise, and serve no listener on a port of their own choice.",
  run: (input, signal) =>
    onCluster(input, signal, async (cluster) => {
      const { ingress, namespace } = input.settings.kubernetes;
      const controller = await controllerOf(cluster, ingress);
      const findings = [
        ...(ingress.kind === "ingress" ? byIngress(controller, ingress) : []),
        ...(controller?.startsWith("traefik.io/") ? await byTraefik(cluster, ingress) : []),
        ...(ingress.kind === "gateway" ? await byGateway(cluster, namespace) : []),
      ];
      const worst = findings.find(({ status }) => status === "fail") ?? findings[0];
      return worst ?? { status: "ok", result: `${ingress.class}, controller ${controller ?? "unknown"}` };
    }),
};

async function controllerOf(cluster: ClusterView, { kind, class: name }: Ingress): Promise<string | undefined> {
  const [api, plural] =
    kind === "gateway"
      ? ["gateway.networking.k8s.io/v1", "gatewayclasses"]
      : ["networking.k8s.io/v1", "ingressclasses"];
  const found = (await cluster.objects(`/apis/${api}/${plural}`)).find(({ metadata }) => metadata?.name === name);
  return found?.spec?.controllerName ?? found?.spec?.controller;
}

function byIngress(controller: string | undefined, { class: name, annotations }: Ingress): Finding[] {
  const known = controller === undefined ? undefined : ingressControllers[controller];
  if (known?.retired) {
    const fix = `Move to a controller of the Gateway API, or to a successor: ${table}.`;
    return [{ status: "warn", result: `${known.title} gets no more releases, of security neither`, fix }];
  }
  if (Object.keys(annotations).length > 0 || known?.title === "Traefik") return [];
  if (known?.begins !== undefined && name.startsWith(known.begins)) return [];
  const fix = `Set kubernetes.ingress.annotations: no limit of a body's size, no buffering, an hour without a byte. ${table}.`;
  const who = known?.title ?? controller ?? `the controller of class ${name}`;
  return [{ status: "warn", result: `${who} is told nothing of large pushes and long streams`, fix }];
}

async function byTraefik(cluster: ClusterView, ingress: Ingress): Promise<Finding[]> {
  const pods = await cluster.objects(`/api/v1/namespaces/${ingress.namespace}/pods`);
  const args = pods.flatMap(({ spec }) =>
    (spec?.containers ?? []).flatMap((one) => [...(one.command ?? []), ...(one.args ?? [])]),
  );
  const points = entryPoints(args);
  // Said in a file or in its environment.
  if (points.length === 0) return [];
  const { https } = { ...listenerPorts(ingress.class), ...ingress.ports };
  const ports = points.flatMap(({ port }) => port ?? []);
  const limited = points.filter(({ name, readTimeout }) => /^web(secure)?$/i.test(name) && !isUnlimited(readTimeout));
  return [
    ...(ingress.kind === "gateway" && !ports.includes(https)
      ? [
          {
            status: "fail" as const,
            result: `no entry point of Traefik has port ${https}, which the Gateway listens on`,
            fix: `Set kubernetes.ingress.ports to those of its entry points: ${points.map(({ name, port }) => `${name} ${port}`).join(", ")}.`,
          },
        ]
      : []),
    ...limited.map(({ name, readTimeout = "60s" }) => ({
      status: "warn" as const,
      result: `Traefik ends whatever takes longer than ${readTimeout} to come in by ${name}: pushes, layers of images, uploads`,
      fix: `Give it --entryPoints.${name}.transport.respondingTimeouts.readTimeout=0.`,
    })),
  ];
}

/** A stack that is up says itself what became of its listeners. */
async function byGateway(cluster: ClusterView, namespace: string): Promise<Finding[]> {
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways`;
  const conditions = (await cluster.objects(path)).flatMap(({ status }) => [
    ...(status?.conditions ?? []),
    ...(status?.listeners ?? []).flatMap(({ conditions: its }) => its ?? []),
  ]);
  const refused = conditions.find(
    ({ type, status }) => ["Accepted", "Programmed"].includes(type) && status === "False",
  );
  if (!refused) return [];
  const fix = `See kubectl -n ${namespace} describe gateway devflow. ${table}.`;
  return [
    { status: "fail", result: `the Gateway is not ${refused.type}: ${refused.message ?? refused.reason ?? ""}`, fix },
  ];
}
