import type { ComponentResource } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { ProxySite } from "../../provider/resources.ts";
import { surroundings } from "../../surroundings.ts";
import { type RouteArgs, type RouteOutputs, routeUrl } from "./index.ts";

/** A site of the appliance's own proxy. */
export function docker(name: string, args: RouteArgs, parent: ComponentResource): RouteOutputs {
  const { caddy, tls } = args.proxy;
  if (!caddy?.reach) throw new Error(`route ${name} was given a proxy that is in no container`);
  surroundings("docker").calls.add(caddy.workload, [args.to]);
  const url = routeUrl(args.proxy, args.subdomain);
  const { workload: _, ...files } = caddy;
  const site = child(ProxySite, name, { ...files, site: url, upstream: args.upstream, tls }, parent);
  return { url: site.id.apply(() => url) };
}
