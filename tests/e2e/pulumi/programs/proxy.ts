import { Config } from "@pulumi/pulumi";
import { ReverseProxy } from "../../../../components/platform/proxy/index.ts";
import { calls } from "../../../../components/primitives/calls.ts";
import { sdk } from "../../../../components/sdk.ts";
import { within } from "../../../../components/surroundings.ts";
import type { Settings } from "../../../../stacks/config/index.ts";

/** The smallest appliance there is: two networks, and the proxy with its files, its data and its published port. */
export default async function program() {
  const { docker, network, stack } = new Config("devflow").requireObject<Settings>("settings");
  const host = docker.host ?? "";
  const prefix = `devflow-${stack.name}`;
  const { Network, Provider } = sdk.docker();
  const provider = new Provider("engine", { host });
  const made = (name: string, internal: boolean) =>
    new Network(name, { name: `${prefix}-${name}`, driver: "bridge", internal }, { provider });
  const [inner, outer] = [made("inner", true), made("outer", false)];
  const whom = calls();
  const around = {
    network: inner.name,
    outer: outer.name,
    alone: outer.name,
    calls: whom,
    confined: new Map(),
    prefix,
    host,
    provider,
    glue: "none",
    outbound: { env: {} },
  };
  const { domain, bind, port } = network;
  const proxy = within(
    { docker: around },
    () =>
      new ReverseProxy("proxy", {
        domain,
        bind,
        port,
        tls: "off",
        email: "",
        metricsPort: port + 1,
        trustedProxies: [],
      }),
  );
  whom.close();
  return { metrics: proxy.outputs.metrics };
}
