import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { addressOf } from "../../address.ts";
import { Component, type Recipes } from "../../component.ts";
import type { Reach } from "../../provider/reach/index.ts";
import type { Door } from "../calls.ts";
import { aws } from "./aws.ts";
import { docker } from "./docker.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";

/** A host name of the platform that leads to a workload. */
export interface RouteArgs {
  /** Outputs of the product `Proxy`. */
  proxy: ProxyServer;
  /** Host name below the platform's domain; empty for the domain itself. */
  subdomain: string;
  /** The workload's door. */
  to: Door;
  /** `host:port` of it, known when it serves. */
  upstream: Input<string>;
}

export interface ProxyServer {
  /** Where the stack runs a proxy of its own and keeps its files. */
  caddy?: {
    /** Name of its workload. */
    workload: string;
    /** Main configuration file and the folder of site files it imports. */
    config: Input<string>;
    sites: Input<string>;
    /** Unix socket of the proxy's admin API. */
    admin: Input<string>;
    /** Where these are in a container: how to get there, and the program that loads them. */
    reach?: Input<Reach>;
    program?: Input<string>;
  };
  /** Where a load balancer of the cloud is the proxy. */
  balancer?: {
    /** ARN of the listener that routes are rules of. */
    listener: Input<string>;
    /** Its own name, and the zone of that name, for records that point to it. */
    dnsName: Input<string>;
    dnsZone: Input<string>;
    /** Zone of the platform's domain. */
    zone: Input<string>;
  };
  /** Where it connects to workloads from: addresses, ranges, or the name of a host. */
  peers: string[];
  /** Addresses and ranges of proxies before it. */
  trustedProxies: string[];
  /** Domain of the platform. */
  domain: string;
  /** Scheme and port people use. */
  scheme: "http" | "https";
  port: number;
  tls: "auto" | "internal" | "off";
}

export interface RouteOutputs {
  /** Address for people, without a trailing slash; resolves when the route is served. */
  url: Output<string>;
}

export const routeRecipes: Recipes<RouteArgs, RouteOutputs> = {
  local,
  docker,
  kubernetes,
  aws,
};

export class Route extends Component<RouteArgs, RouteOutputs> {
  constructor(name: string, args: RouteArgs, options?: ComponentResourceOptions) {
    super("primitive:Route", routeRecipes, name, args, options);
  }
}

/** The address a route will have; known before it is made, for programs that must be told their own. */
export function routeUrl(proxy: ProxyServer, subdomain: string): string {
  const host = subdomain ? `${subdomain}.${proxy.domain}` : proxy.domain;
  return addressOf({ scheme: proxy.scheme, host, port: proxy.port });
}
