import { type ComponentResource, type Input, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { metadata, object, selector } from "../kubernetes/object.ts";
import { type RouteArgs, type RouteOutputs, routeUrl } from "./index.ts";

/**
 * A rule of the load balancer for a host name, which leads to a port of every node and from there to the workload's pods,
 * with a record in Route 53. All of it is made here, so the cluster needs no controller with rights in the account.
 */
export function aws(name: string, args: RouteArgs, parent: ComponentResource): RouteOutputs {
  const sdks = sdk.aws();
  const { prefix, vpc, publicBlocks, cluster } = surroundings("aws");
  const { balancer } = args.proxy;
  if (!balancer) throw new Error(`route ${name} was given a proxy that is not in AWS`);
  const url = routeUrl(args.proxy, args.subdomain);
  const host = new URL(url).hostname;
  const full = `${prefix}-${name}`;
  const backend = output(args.upstream).apply(backendOf);
  const nodePort = openNodes();
  const group = child(
    sdks.lb.TargetGroup,
    full,
    {
      // Its name has room for 32 characters, so AWS makes one.
      namePrefix: "df-",
      vpcId: vpc,
      protocol: "HTTP",
      port: nodePort,
      targetType: "instance",
      deregistrationDelay: 30,
      loadBalancingAlgorithmType: "least_outstanding_requests",
      // Any answer of the program will do: which path is a health check differs, and pods that are not ready get nothing.
      healthCheck: { path: "/", matcher: "200-499", interval: 10, healthyThreshold: 2, unhealthyThreshold: 3 },
      tags: { Name: full },
    },
    parent,
    undefined,
    // A group in use cannot go before the rule has another.
    { deleteBeforeReplace: false },
  );
  for (const [index, scaling] of cluster.scalingGroups.entries()) {
    const attachment = { autoscalingGroupName: scaling, lbTargetGroupArn: group.arn };
    child(sdks.autoscaling.Attachment, `${full}-${index}`, attachment, parent);
  }
  const rule = child(
    sdks.lb.ListenerRule,
    full,
    {
      listenerArn: balancer.listener,
      actions: [{ type: "forward", targetGroupArn: group.arn }],
      conditions: [{ hostHeader: { values: [host] } }],
      tags: { Name: full },
    },
    parent,
  );
  const record = child(
    sdks.route53.Record,
    full,
    {
      zoneId: balancer.zone,
      name: host,
      type: "A",
      aliases: [{ name: balancer.dnsName, zoneId: balancer.dnsZone, evaluateTargetHealth: true }],
    },
    parent,
  );
  return { url: output([rule.id, record.id]).apply(() => url) };

  /** A port on every node, which the load balancer alone can reach. */
  function openNodes(): Input<number> {
    const { core, networking } = sdk.kubernetes();
    const about = metadata(`${name}-route`);
    // The load balancer's own addresses, since no node puts its own in their place: pods of other namespaces stay outside.
    const from = publicBlocks.map((cidr) => ({ ipBlock: { cidr } }));
    object(
      networking.v1.NetworkPolicy,
      `${name}-route`,
      {
        metadata: about,
        spec: {
          podSelector: { matchLabels: backend.apply((to) => selector(to.name)) },
          policyTypes: ["Ingress"],
          ingress: [{ from, ports: [{ port: backend.port, protocol: "TCP" }] }],
        },
      },
      parent,
    );
    const service = object(
      core.v1.Service,
      `${name}-route`,
      {
        metadata: { ...about, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          type: "NodePort",
          // Nodes without a pod of it answer the health check with nothing, and the pod sees who asked.
          externalTrafficPolicy: "Local",
          selector: backend.apply((to) => selector(to.name)),
          ports: [{ name: "http", port: backend.port, targetPort: backend.port, protocol: "TCP" }],
        },
      },
      parent,
    );
    return service.spec.ports.apply((ports) => ports[0]?.nodePort ?? 0);
  }
}

function backendOf(upstream: string): { name: string; port: number } {
  const [name = "", port = ""] = upstream.split(":");
  return { name, port: Number(port) };
}
