import { readFileSync } from "node:fs";
import type { ProviderResource } from "@pulumi/pulumi";
import { child } from "../components/component.ts";
import { makeGlueImage } from "../components/platform/glue-image.ts";
import { calls, endingWith } from "../components/primitives/calls.ts";
import type { Outbound } from "../components/primitives/docker-surroundings.ts";
import { chosenEngine } from "../components/provider/docker/context.ts";
import { sdk } from "../components/sdk.ts";
import { within } from "../components/surroundings.ts";
import { componentNames, type Settings } from "./config/index.ts";
import type { StackOutputs } from "./outputs.ts";
import { platform } from "./platform.ts";
import { shares } from "./subnets.ts";

/**
 * The appliance: containers on one machine. They are on an inner network that leads nowhere, but for what is confined. On
 * the outer one are the proxy, which alone has published ports, and what has to call others.
 */
export function onprem(settings: Settings): StackOutputs {
  const { Network, Provider } = sdk.docker();
  const prefix = `devflow-${settings.stack.name}`;
  const { host, innerSubnet, outerSubnet, confinedSubnet } = settings.docker;
  const engine = engineOf(host);
  const provider: ProviderResource | undefined = engine && child(Provider, "engine", engine, undefined);
  const by = provider && { provider };
  const subnetOf = shares(confinedSubnet);
  const inner = network("inner", innerSubnet, { internal: true });
  const outer = network("outer", outerSubnet, { internal: false });
  // A bridge on which containers cannot call one another.
  const alone = network("alone", subnetOf("alone"), {
    internal: false,
    options: { "com.docker.network.bridge.enable_icc": "false" },
  });
  const whom = calls();
  const outputs = within(
    {
      secrets: new Map(),
      docker: {
        network: inner.name,
        outer: outer.name,
        alone: alone.name,
        calls: whom,
        confined: new Map(),
        subnetOf,
        prefix,
        ...(host !== undefined && { host }),
        ...by,
        glue: makeGlueImage({ prefix, prebuilt: settings.images.glue, host, ...by }),
        outbound: outboundOf(settings),
      },
    },
    () => endingWith(whom, () => platform(settings)),
  );
  return {
    ...outputs,
    networks: { inner: inner.name, outer: outer.name, alone: alone.name },
    // Without a bucket or a folder they are in a volume of the machine.
    backups: settings.backups.destination ?? settings.backups.folder ?? `volume ${prefix}-backups-data`,
  };

  function network(
    name: string,
    subnet: string | undefined,
    kind: Pick<import("@pulumi/docker").NetworkArgs, "internal" | "options">,
  ) {
    return child(
      Network,
      name,
      {
        name: `${prefix}-${name}`,
        driver: "bridge",
        ...kind,
        labels: [{ label: "dev.devflow.stack", value: prefix }],
        ...(subnet !== undefined && { ipamConfigs: [{ subnet }] }),
      },
      undefined,
      undefined,
      // Another subnet is another network of the same name.
      { ...by, deleteBeforeReplace: true },
    );
  }
}

/** What Pulumi's provider, which knows no contexts, has to be told so that it speaks to the engine that all else speaks to. */
function engineOf(host: string | undefined): { host: string; certPath?: string } | undefined {
  if (host !== undefined) return { host };
  const chosen = chosenEngine(undefined, process.env);
  if (!chosen.told) return undefined;
  return { host: chosen.host, ...(chosen.certificates !== undefined && { certPath: chosen.certificates }) };
}

function outboundOf({ docker, network }: Settings): Outbound {
  const { outboundProxy: proxy, noProxy, authorities } = docker;
  const direct = ["localhost", "127.0.0.1", ...componentNames, network.domain, `.${network.domain}`, noProxy];
  const without = direct.filter((host) => host !== undefined).join(",");
  return {
    env:
      proxy === undefined
        ? {}
        : {
            ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: without },
            ...{ http_proxy: proxy, https_proxy: proxy, no_proxy: without },
            NODE_USE_ENV_PROXY: "1",
          },
    ...(authorities !== undefined && { authorities: readFileSync(authorities, "utf8") }),
  };
}
