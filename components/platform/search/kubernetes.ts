import { type ComponentResource, interpolate, type Output, output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { Workload, type WorkloadArgs } from "../../primitives/workload/index.ts";
import { memberHost, memberHosts, podName } from "../../primitives/workload/members.ts";
import { VespaApplication } from "../../provider/wiring.ts";
import { surroundings } from "../../surroundings.ts";
import { applicationPackage, type VespaHosts } from "./package.ts";
import { singleNode } from "./single.ts";
import type { VespaArgs, VespaOutputs } from "./vespa.ts";

/** One node, or where the stack is to survive the loss of one: configuration servers, containers and content nodes. */
export function kubernetes(name: string, args: VespaArgs, parent: ComponentResource): VespaOutputs {
  const { search } = surroundings("kubernetes").scale;
  if (!search) return singleNode(name, args, parent);
  const { ports } = upstream("vespa");
  const port = (purpose: string) => ({ [purpose]: ports[purpose] as number });
  const roles = {
    config: `${name}-config`,
    // Its Service is where everybody asks.
    container: name,
    content: `${name}-content`,
  };
  const hosts = {
    config: memberHosts(roles.config, search.config),
    container: memberHosts(roles.container, search.container),
    content: memberHosts(roles.content, search.content),
  };

  const config = node("config", search.config, search.configMemory, {
    command: () => [entrypoint, "configserver,services"],
    ports: { ...port("config"), ...port("metrics") },
    health: { http: "/state/v1/health", port: "config" },
  });
  // Neither has anything to serve before the application is deployed.
  const container = node("container", search.container, search.containerMemory, {
    // Its own name is the row of what keeps documents.
    volume: "search-container",
    command: () => [entrypoint, "services"],
    ports: { ...port("query"), ...port("metrics") },
    health: { http: "/state/v1/health", port: "query" },
    late: true,
  });
  node("content", search.content, args.memory, {
    volume: name,
    command: () => [entrypoint, "services"],
    ports: port("metrics"),
    health: { http: "/state/v1/health", port: "metrics" },
    late: true,
  });

  const { redundancy, containerMemory } = search;
  const application = child(
    VespaApplication,
    name,
    {
      config: {
        url: interpolate`http://${config.outputs.host}:${config.outputs.ports.config}`,
        reach: config.outputs.reach,
        component: roles.config,
      },
      query: {
        url: interpolate`http://${container.outputs.host}:${container.outputs.ports.query}`,
        reach: container.outputs.reach,
        component: name,
      },
      files: output(hosts).apply((known) =>
        applicationPackage({ hosts: known as VespaHosts, redundancy, heap: Math.round(containerMemory * 0.6) }),
      ),
    },
    parent,
    undefined,
    { dependsOn: config },
  );
  const nodes = Object.entries(roles).flatMap(([role, workload]) =>
    Array.from({ length: search[role as keyof typeof roles] }, (_, at) => memberHost(workload, at)),
  );
  return { url: application.url, nodes };

  function node(
    role: keyof typeof roles,
    members: number,
    memory: number,
    own: Pick<WorkloadArgs, "command" | "ports" | "health" | "late" | "volume">,
  ): Workload {
    return new Workload(
      roles[role],
      {
        ...own,
        program: { upstream: "vespa" },
        component: name,
        data: true,
        losable: "it is filled again from the database",
        members,
        env: () => ({
          VESPA_CONFIGSERVERS: servers(),
          // The name by which hosts.xml knows it.
          VESPA_HOSTNAME: hostOf(roles[role]),
          VESPA_CONFIGSERVER_JVMARGS: "-Xms128m -Xmx384m",
          VESPA_CONFIGPROXY_JVMARGS: "-Xms32m -Xmx128m",
        }),
        // A content node that comes back reads its documents first; before the deployment none is ready.
        startTimeout: 1_800_000,
        stop: { signal: "SIGTERM", deadline: 120_000 },
        memory,
        limits: { memory: Math.ceil(memory * 1.25), cpu: 4000 },
      },
      { parent },
    );
  }

  function servers(): Output<string> {
    return output(hosts.config).apply((names) => names.join(","));
  }

  function hostOf(workload: string): Output<string> {
    return output(memberHosts(workload, 1)).apply(([first = ""]) => first.replace(/^[^.]+/, `$(${podName})`));
  }
}

/** Of the image: it takes what to start as its argument. */
const entrypoint = "/usr/local/bin/start-container.sh";
