import { surroundings } from "../../surroundings.ts";

/** How people get in: the kind of object a route becomes, and the hosts that are asked for. */
export interface FrontDoor {
  kind: "gateway" | "ingress";
  /** Class of the Gateway or of the Ingress: it names the controller that serves it. */
  class: string;
  /** Namespace of that controller's pods, which alone may reach workloads from outside. */
  controllerNamespace: string;
  /** cert-manager's issuer of certificates. */
  issuer: { name: string; kind: "Issuer" | "ClusterIssuer" };
  /** For the controller, on the Gateway or on every Ingress. @default {} */
  annotations?: Record<string, string>;
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

/** The stack's Gateway. */
export const gatewayName = "devflow";

/** A gateway has one listener a host, each with a certificate of its own: an ordinary issuer gives none for `*`. */
export function listenerName(host: string): string {
  return `https-${host.replaceAll(".", "-")}`;
}

/** What cert-manager and the controller read on a Gateway or an Ingress. */
export function frontDoorAnnotations(secure: boolean): Record<string, string> {
  const { issuer, annotations = {} } = surroundings("kubernetes").frontDoor;
  const key = issuer.kind === "ClusterIssuer" ? "cert-manager.io/cluster-issuer" : "cert-manager.io/issuer";
  return { ...(secure && { [key]: issuer.name }), ...annotations };
}
