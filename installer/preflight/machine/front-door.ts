/** What Traefik's arguments say of one of its entry points. */
export interface EntryPoint {
  name: string;
  /** Of its container, by which the Gateway's listeners are matched. */
  port: number | undefined;
  /** How long a request's body may take; undefined where nothing is said, which is 60 s since 2.11.2. */
  readTimeout: string | undefined;
}

/** Entry points as arguments have them: `--entryPoints.NAME.address=:8443/tcp`, in any case. */
export function entryPoints(args: readonly string[]): EntryPoint[] {
  const found = new Map<string, EntryPoint>();
  for (const arg of args) {
    const [, name = "", key = "", value = ""] = /^--entrypoints\.([^.=]+)\.([^=]+)=(.*)$/i.exec(arg) ?? [];
    if (name === "") continue;
    const own = found.get(name.toLowerCase()) ?? { name, port: undefined, readTimeout: undefined };
    if (key.toLowerCase() === "address") own.port = Number(/:(\d+)(\/tcp)?$/i.exec(value)?.[1]) || undefined;
    if (key.toLowerCase() === "transport.respondingtimeouts.readtimeout") own.readTimeout = value;
    found.set(name.toLowerCase(), own);
  }
  return [...found.values()];
}

/** Whether a duration, as Traefik writes them, is no limit at all. */
export function isUnlimited(duration: string | undefined): boolean {
  return duration !== undefined && /^0+(ns|us|µs|ms|s|m|h)?$/.test(duration);
}

/** Controllers of Ingresses by what their class says, and how a class must begin so that they are told what they need. */
export const ingressControllers: Record<string, { title: string; begins?: string; retired?: boolean }> = {
  "k8s.io/ingress-nginx": { title: "ingress-nginx", begins: "nginx", retired: true },
  "nginx.org/ingress-controller": { title: "the NGINX Ingress Controller of F5", begins: "f5-nginx" },
  "haproxy.org/ingress-controller": { title: "HAProxy's Ingress controller", begins: "haproxy" },
  "traefik.io/ingress-controller": { title: "Traefik" },
};
