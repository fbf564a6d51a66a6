import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import type { Copies } from "../backups/copies.ts";
import { aws } from "./aws.ts";
import { docker } from "./docker.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";

/** The reverse proxy: the only component that listens on an address for people. */
export interface ProxyArgs {
  domain: string;
  /** Address to listen on. */
  bind: string;
  /** Port people use. */
  port: number;
  /** `auto`: public certificates by ACME; `internal`: from the proxy's own authority; `off`: plain HTTP. */
  tls: "auto" | "internal" | "off";
  /** Contact for the certificate authority; may be empty. */
  email: string;
  /** Loopback port of the proxy's own metrics. */
  metricsPort: number;
  /** Addresses and ranges of proxies before this one, whose word about a client counts. */
  trustedProxies: string[];
}

export interface ProxyOutputs {
  /** What routes need. */
  server: ProxyServer;
  /** `host:port` of its metrics. */
  metrics: Output<string>;
  /** Certificates and their keys, where the proxy keeps them itself. */
  copies?: Copies;
}

export const proxyRecipes: Recipes<ProxyArgs, ProxyOutputs> = {
  local,
  docker,
  kubernetes,
  aws,
};

export class ReverseProxy extends Component<ProxyArgs, ProxyOutputs> {
  constructor(name: string, args: ProxyArgs, options?: ComponentResourceOptions) {
    super("product:ReverseProxy", proxyRecipes, name, args, options);
  }
}
