import { surroundings } from "../../surroundings.ts";

/** How people get in: the kind of object a route becomes, and the hosts that are asked for. */
export interface FrontDoor {
  kind: "gateway" | "ingress";
  /** Class of the Gateway or of the Ingress: it names the controller that serves it. */
  class: string;
  /** Namespace of that controller's pods, which alone may reach workloads from outside. */
  controllerNamespace: string;
  /** Addresses and ranges that these pods connect from. */
  addresses: string[];
  /** cert-manager's issuer of certificates. */
  issuer: { name: string; kind: "Issuer" | "ClusterIssuer" };
  /** For the controller, on the Gateway or on every Ingress, over those that its class needs. @default {} */
  annotations?: Record<string, string>;
  /** Ports of the Gateway's listeners. */
  ports: { http: number; https: number };
  /** Adds a host for which a route was made. */
  admit(host: string): void;
  /** Every host, once all products are composed. A gateway lists them, so it is made last. */
  hosts: Promise<string[]>;
  /** No more hosts come. */
  close(): void;
}

export type FrontDoorSettings = Omit<FrontDoor, "admit" | "hosts" | "close">;

export function frontDoor(settings: FrontDoorSettings): FrontDoor {
  const admitted = new Set<string>();
  const { promise: hosts, resolve } = Promise.withResolvers<string[]>();
  return {
    ...settings,
    admit: (host) => void admitted.add(host),
    hosts,
    close: () => resolve([...admitted].sort()),
  };
}

/**
 * Ports that a class of gateways listens on. Most open the port of the listener themselves; Traefik matches a listener
 * with an entry point by the port of its container, and its chart's are these.
 */
export function listenerPorts(gatewayClass: string): FrontDoor["ports"] {
  return gatewayClass === "traefik" ? { http: 8000, https: 8443 } : { http: 80, https: 443 };
}

/**
 * What controllers of Ingresses must be told, by the start of their class's name, so that pushes, layers of images, streams
 * of models and live pages are neither cut off nor held back: no limit of a body's size, an hour without a byte, no buffer.
 * Traefik has no such annotation; its entry points have (docs/kubernetes.md).
 */
const ingressAnnotations: Record<string, Record<string, string>> = {
  nginx: {
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-buffering": "off",
  },
  // The project of F5 and NGINX, whose annotations are others.
  "f5-nginx": {
    "nginx.org/client-max-body-size": "0",
    "nginx.org/proxy-read-timeout": "3600s",
    "nginx.org/proxy-send-timeout": "3600s",
    "nginx.org/proxy-buffering": "False",
  },
  haproxy: { "haproxy.org/timeout-server": "1h", "haproxy.org/timeout-tunnel": "1h" },
};

function annotationsOf(ingressClass: string): Record<string, string> {
  const start = Object.keys(ingressAnnotations).find((name) => ingressClass.startsWith(name));
  return start === undefined ? {} : (ingressAnnotations[start] as Record<string, string>);
}

/** The stack's Gateway. */
export const gatewayName = "devflow";

/** A gateway has one listener a host, each with a certificate of its own: an ordinary issuer gives none for `*`. */
export function listenerName(host: string): string {
  return `https-${host.replaceAll(".", "-")}`;
}

/** What cert-manager and the controller read on a Gateway or an Ingress. */
export function frontDoorAnnotations(secure: boolean): Record<string, string> {
  const { kind, class: name, issuer, annotations = {} } = surroundings("kubernetes").frontDoor;
  const key = issuer.kind === "ClusterIssuer" ? "cert-manager.io/cluster-issuer" : "cert-manager.io/issuer";
  return {
    ...(secure && { [key]: issuer.name }),
    ...(kind === "ingress" && annotationsOf(name)),
    ...annotations,
  };
}
