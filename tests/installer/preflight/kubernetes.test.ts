import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declared } from "../../../installer/declared/declared.ts";
import { frontDoor } from "../../../installer/preflight/checks/front-door.ts";
import { classes, kubernetes, kubernetesBackups, operators } from "../../../installer/preflight/checks/kubernetes.ts";
import type { Check, CheckInput } from "../../../installer/preflight/index.ts";
import { operatorsOf } from "../../../installer/preflight/operators.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import { kubeconfig } from "../../components/provider/cluster-api.ts";
import { example } from "../../stacks/saas/manifests.ts";
import { isOperators } from "../../stacks/typed/definitions.ts";

const backups = { "backups.destination": "s3://example-backups/devflow" };
const all = { "kubernetes.keda": true, "kubernetes.secretStore": "vault", ...backups };
const settingsOf = (flags: Record<string, unknown>) =>
  resolveSettings({ flags: { ...example, ...flags }, env: {}, cwd: "/" }).settings;

/** Paths of a cluster's API and what they answer; whatever is not here is not in the cluster. */
type Answers = Record<string, object>;

const cluster: Answers = {
  "/version": { gitVersion: "v1.34.2", minor: "34+" },
  "/apis/postgresql.cnpg.io/v1": kinds("Cluster", "Pooler", "ScheduledBackup"),
  "/apis/barmancloud.cnpg.io/v1": kinds("ObjectStore"),
  "/apis/cert-manager.io/v1": kinds("Issuer", "ClusterIssuer"),
  "/apis/gateway.networking.k8s.io/v1": kinds("Gateway", "HTTPRoute"),
  "/apis/keda.sh/v1alpha1": kinds("ScaledObject", "TriggerAuthentication"),
  "/apis/external-secrets.io/v1alpha1": kinds("PushSecret"),
  "/apis/external-secrets.io/v1/clustersecretstores": named("vault"),
  "/apis/storage.k8s.io/v1/storageclasses": {
    items: [{ metadata: { name: "ssd", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } }],
  },
  "/apis/gateway.networking.k8s.io/v1/gatewayclasses": named("traefik"),
  ...Object.fromEntries(
    ["cnpg-system", "cert-manager", "traefik", "keda", "external-secrets"].map((namespace) => [
      `/api/v1/namespaces/${namespace}/pods`,
      { items: [{ status: { conditions: [{ type: "Ready", status: "True" }] } }] },
    ]),
  ),
};

describe("what a stack wants of a cluster", () => {
  let answers: Answers;
  const server = createServer((request, response) => {
    const found = answers[request.url ?? ""];
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(found ?? {}));
  });
  let config: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    config = kubeconfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => server.close());

  function ask(check: Check, flags: Record<string, unknown> = {}, changed: Answers = {}, without: string[] = []) {
    const left = Object.entries({ ...cluster, ...changed }).filter(([path]) => !without.includes(path));
    answers = Object.fromEntries(left);
    const settings = settingsOf({ "kubernetes.context": "test", ...all, ...flags });
    const input = { settings: { ...settings, kubernetes: { ...settings.kubernetes, kubeconfig: config } } };
    return check.run(input as CheckInput, AbortSignal.timeout(300_000));
  }

  it("is there in a cluster that has everything", async () => {
    const found = await Promise.all([kubernetes, operators, classes, kubernetesBackups].map((check) => ask(check)));
    expect(found.map(({ status, result }) => [status, result])).toEqual([
      ["ok", "v1.34.2, context test"],
      ["ok", "CloudNativePG, cert-manager, the Gateway API, KEDA, External Secrets"],
      ["ok", "default storage class, traefik, vault"],
      ["ok", "s3://example-backups/devflow"],
    ]);
  });

  it("is told when an operator is missing, with its kinds and where to get it", async () => {
    const found = await ask(operators, {}, {}, ["/apis/postgresql.cnpg.io/v1", "/apis/keda.sh/v1alpha1"]);
    expect(found.status).toBe("fail");
    expect(found.result).toContain("CloudNativePG is not there: no kind Cluster (postgresql.cnpg.io/v1), Pooler");
    expect(found.result).toContain("and KEDA");
    expect(found.fix).toContain("https://cloudnative-pg.io/");
  });

  it("is told when the plugin for backups is missing, but only where there are backups", async () => {
    const without = ["/apis/barmancloud.cnpg.io/v1"];
    expect(await ask(operators, {}, {}, without)).toMatchObject({
      status: "fail",
      fix: expect.stringContaining("barman-cloud plugin"),
    });
    const settings = settingsOf({});
    expect(operatorsOf(settings).flatMap((one) => one.kinds.map(({ api }) => api))).not.toContain(
      "barmancloud.cnpg.io/v1",
    );
  });

  it("is told when an operator runs elsewhere than the settings say", async () => {
    const pods = "/api/v1/namespaces/cnpg-system/pods";
    expect(await ask(operators, {}, { [pods]: { items: [] } })).toMatchObject({
      status: "warn",
      result: "no pod of CloudNativePG is ready in namespace cnpg-system",
    });
    const moved = { "/api/v1/namespaces/databases/pods": cluster[pods] as object };
    expect(await ask(operators, { "kubernetes.operators.cloudNativePg": "databases" }, moved, [pods])).toMatchObject({
      status: "ok",
    });
  });

  it("is told when a class or an issuer has another name, with those that there are", async () => {
    expect(await ask(classes, { "kubernetes.storageClass": "fast" })).toMatchObject({
      result: "there is no storage class fast",
      fix: "Set kubernetes.storageClass; the cluster has: ssd.",
    });
    const plain = { "/apis/storage.k8s.io/v1/storageclasses": named("ssd") };
    expect(await ask(classes, {}, plain)).toMatchObject({ result: "the cluster has no default storage class" });
    expect(await ask(classes, { "kubernetes.ingress.issuer": "letsencrypt" })).toMatchObject({
      status: "fail",
      result: "there is no cluster issuer letsencrypt",
    });
  });

  const traefik = (...args: string[]) => ({
    "/apis/gateway.networking.k8s.io/v1/gatewayclasses": {
      items: [{ metadata: { name: "traefik" }, spec: { controllerName: "traefik.io/gateway-controller" } }],
    },
    "/api/v1/namespaces/traefik/pods": { items: [{ spec: { containers: [{ args }] } }] },
  });
  const unlimited = ["web", "websecure"].map(
    (name) => `--entryPoints.${name}.transport.respondingTimeouts.readTimeout=0`,
  );

  it("H1, report 1: is told when no entry point of Traefik has the port of the Gateway's listener", async () => {
    const usual = ["--entryPoints.web.address=:8000/tcp", "--entryPoints.websecure.address=:8443/tcp", ...unlimited];
    expect(await ask(frontDoor, {}, traefik(...usual))).toMatchObject({ status: "ok" });
    expect(await ask(frontDoor, {}, traefik("--entrypoints.websecure.address=:443", ...unlimited))).toMatchObject({
      status: "fail",
      result: "no entry point of Traefik has port 8443, which the Gateway listens on",
      fix: expect.stringContaining("websecure 443"),
    });
    const own = { "kubernetes.ingress.ports.https": 443 };
    expect(await ask(frontDoor, own, traefik("--entrypoints.websecure.address=:443", ...unlimited))).toMatchObject({
      status: "ok",
    });
  });

  it("H2, report 2: is told when Traefik ends pushes after a minute, also where nobody set that", async () => {
    const addresses = ["--entryPoints.web.address=:8000/tcp", "--entryPoints.websecure.address=:8443/tcp"];
    const [web = ""] = unlimited;
    expect(await ask(frontDoor, {}, traefik(...addresses, web))).toMatchObject({
      status: "warn",
      result: expect.stringContaining("longer than 60s to come in by websecure"),
      fix: expect.stringContaining("readTimeout=0"),
    });
    const set = "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=300s";
    expect(await ask(frontDoor, {}, traefik(...addresses, web, set))).toMatchObject({
      result: expect.stringContaining("300s"),
    });
  });

  it("H2: is told that ingress-nginx has no more releases, and when a class's controller is told nothing", async () => {
    const path = "/apis/networking.k8s.io/v1/ingressclasses";
    const of = (name: string, controller: string) => ({
      [path]: { items: [{ metadata: { name }, spec: { controller } }] },
    });
    const by = (name: string) => ({ "kubernetes.ingress.kind": "ingress", "kubernetes.ingress.class": name });
    expect(await ask(frontDoor, by("nginx"), of("nginx", "k8s.io/ingress-nginx"))).toMatchObject({
      status: "warn",
      result: "ingress-nginx gets no more releases, of security neither",
    });
    const f5 = "nginx.org/ingress-controller";
    expect(await ask(frontDoor, by("nginx"), of("nginx", f5))).toMatchObject({
      status: "warn",
      result: "the NGINX Ingress Controller of F5 is told nothing of large pushes and long streams",
      fix: expect.stringContaining("kubernetes.ingress.annotations"),
    });
    expect(await ask(frontDoor, by("f5-nginx"), of("f5-nginx", f5))).toMatchObject({ status: "ok" });
    const annotated = {
      ...by("contour"),
      "kubernetes.ingress.annotations": { "projectcontour.io/response-timeout": "1h" },
    };
    expect(await ask(frontDoor, annotated, of("contour", "projectcontour.io/ingress"))).toMatchObject({ status: "ok" });
    expect(await ask(frontDoor, by("contour"), of("contour", "projectcontour.io/ingress"))).toMatchObject({
      status: "warn",
    });
  });

  it("H1: is told what a Gateway that is there says of its listeners", async () => {
    const message = "no matching entryPoint for port 443 and protocol HTTPS";
    const gateway = {
      "/apis/gateway.networking.k8s.io/v1/namespaces/devflow/gateways": {
        items: [{ status: { listeners: [{ conditions: [{ type: "Accepted", status: "False", message }] }] } }],
      },
    };
    expect(await ask(frontDoor, {}, gateway)).toMatchObject({
      status: "fail",
      result: `the Gateway is not Accepted: ${message}`,
    });
  });

  it("is told when the cluster is too old, and when nobody named its context", async () => {
    const old = { "/version": { gitVersion: "v1.29.1", minor: "29" } };
    expect(await ask(kubernetes, {}, old)).toMatchObject({ status: "fail", fix: expect.stringContaining("1.32") });
    expect(await ask(kubernetes, { "kubernetes.context": undefined })).toMatchObject({ status: "warn" });
  });

  it("is told when the database has no backups", async () => {
    expect(
      await kubernetesBackups.run({ settings: settingsOf({}) } as CheckInput, AbortSignal.timeout(60_000)),
    ).toMatchObject({ status: "fail", fix: expect.stringContaining("backups.destination") });
  });
});

describe("the list of operators", () => {
  const variants = [
    {},
    all,
    { "network.tls": "internal" },
    { "kubernetes.ingress.kind": "ingress", "kubernetes.ingress.issuer": "letsencrypt" },
  ];
  it.each(variants)("names every kind that the program declares with %j", async (flags) => {
    const settings = settingsOf(flags);
    const { goals, errors } = await declared(settings);
    expect(errors).toEqual([]);
    const used = goals.filter(isOperators).map(({ type }) => type.replace(/^kubernetes:(.*):(\w+)$/, "$2 ($1)"));
    const known = operatorsOf(settings).flatMap(({ kinds: its }) =>
      its.flatMap(({ api, names }) => names.map((name) => `${name} (${api})`)),
    );
    expect([...new Set(used)].filter((kind) => !known.includes(kind))).toEqual([]);
  });
});

function kinds(...names: string[]): object {
  return { resources: names.map((kind) => ({ kind })) };
}

function named(name: string): object {
  return { items: [{ metadata: { name } }] };
}
