import { type ComponentResource, output } from "@pulumi/pulumi";
import { frontDoorAnnotations, gatewayName, listenerName } from "../../primitives/kubernetes/front-door.ts";
import { metadata, object } from "../../primitives/kubernetes/object.ts";
import { allowChallenges } from "../../primitives/kubernetes/policy.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import type { ProxyArgs, ProxyOutputs } from "./index.ts";

/** Name of the issuer that a stack makes when it is given none. */
export const ownIssuer = "devflow";

/** The cluster's own front door: a Gateway, or the controller that serves Ingresses, with certificates by cert-manager. */
export function kubernetes(name: string, args: ProxyArgs, parent: ComponentResource): ProxyOutputs {
  const { frontDoor } = surroundings("kubernetes");
  const { domain, tls, trustedProxies } = args;
  const secure = tls !== "off";
  if (secure && frontDoor.issuer.name === ownIssuer) makeIssuer();
  if (frontDoor.kind === "gateway") makeGateway();
  const scheme = secure ? "https" : "http";
  const server: ProxyServer = {
    ...{ peers: frontDoor.addresses, trustedProxies, domain },
    ...{ scheme, port: secure ? 443 : 80, tls },
  };
  return { server, metrics: output("") };

  function makeIssuer() {
    const { CustomResource } = sdk.kubernetes().apiextensions;
    const spec = tls === "auto" ? { acme: acme() } : { selfSigned: {} };
    const about = { ...metadata(ownIssuer, name), annotations: { "pulumi.com/waitFor": "condition=Ready" } };
    const issuer = { apiVersion: "cert-manager.io/v1", kind: "Issuer", metadata: about, spec };
    object(CustomResource, `${name}-issuer`, issuer, parent);
    if (tls === "auto") allowChallenges(name, parent);
  }

  /** Proves that the domain is ours by answering at a path of it. */
  function acme() {
    const solver =
      frontDoor.kind === "gateway"
        ? { gatewayHTTPRoute: { parentRefs: [{ name: gatewayName, kind: "Gateway", sectionName: "http" }] } }
        : { ingress: { ingressClassName: frontDoor.class } };
    return {
      server: "https://acme-v02.api.letsencrypt.org/directory",
      email: args.email,
      privateKeySecretRef: { name: `${ownIssuer}-issuer-account` },
      solvers: [{ http01: solver }],
    };
  }

  /** Its listeners are known when every route is: the gateway's object comes after the routes', which it does not need. */
  function makeGateway() {
    const { CustomResource } = sdk.kubernetes().apiextensions;
    const plain = {
      name: "http",
      protocol: "HTTP",
      port: frontDoor.ports.http,
      allowedRoutes: { namespaces: { from: "Same" } },
    };
    const listeners = output(frontDoor.hosts).apply((hosts) => [plain, ...(secure ? hosts.map(listener) : [])]);
    object(
      CustomResource,
      name,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: metadata(gatewayName, name, frontDoorAnnotations(secure)),
        spec: { gatewayClassName: frontDoor.class, listeners },
      },
      parent,
    );
    if (secure) redirect();
  }

  function listener(hostname: string) {
    return {
      ...{ name: listenerName(hostname), protocol: "HTTPS", port: frontDoor.ports.https, hostname },
      tls: { mode: "Terminate", certificateRefs: [{ name: `${listenerName(hostname)}-tls` }] },
      allowedRoutes: { namespaces: { from: "Same" } },
    };
  }

  function redirect() {
    const { CustomResource } = sdk.kubernetes().apiextensions;
    const filter = { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } };
    object(
      CustomResource,
      `${name}-redirect`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: metadata("devflow-redirect", name),
        spec: { parentRefs: [{ name: gatewayName, sectionName: "http" }], rules: [{ filters: [filter] }] },
      },
      parent,
    );
  }
}
