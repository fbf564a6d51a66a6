import type * as Aws from "@pulumi/aws";
import { type ComponentResource, interpolate, output } from "@pulumi/pulumi";
import { firewallRules } from "../../aws/firewall.ts";
import { child } from "../../component.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { edgeAlarms } from "./aws-alarms.ts";
import type { ProxyArgs, ProxyOutputs } from "./index.ts";

/** A load balancer over three zones with a certificate of AWS's own and a firewall for web requests before it. */
export function aws(name: string, args: ProxyArgs, parent: ComponentResource): ProxyOutputs {
  const sdks = sdk.aws();
  const { prefix, vpc, cidr, subnets, publicBlocks, outbound, cluster, zone, accessLogs, logsKey, protect, told } =
    surroundings("aws");
  const full = `${prefix}-${name}`;
  const { domain, trustedProxies } = args;
  const zoneId = sdks.route53.getZoneOutput({ name: zone, privateZone: false }, { parent }).zoneId;
  const group = securityGroup();
  const balancer = child(
    sdks.lb.LoadBalancer,
    full,
    {
      name: full,
      loadBalancerType: "application",
      internal: false,
      subnets: subnets.public,
      securityGroups: [group.id],
      dropInvalidHeaderFields: true,
      // Pushes, streams of models and live pages are quiet for longer than the usual minute.
      idleTimeout: 900,
      enableDeletionProtection: protect,
      accessLogs: { bucket: accessLogs, enabled: true, prefix: name },
      tags: { Name: full },
    },
    parent,
  );
  redirect();
  const proven = certificate();
  const listener = child(
    sdks.lb.Listener,
    full,
    {
      loadBalancerArn: balancer.arn,
      port: 443,
      protocol: "HTTPS",
      // TLS 1.2 and 1.3, with key exchange that later computers cannot undo for clients that have it.
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      certificateArn: proven,
      // A host that no route knows.
      defaultActions: [
        {
          type: "fixed-response",
          fixedResponse: { contentType: "text/plain", messageBody: "Nothing is here.\n", statusCode: "404" },
        },
      ],
    },
    parent,
  );
  told.balancer = { address: balancer.dnsName, zone: balancer.zoneId, arn: balancer.arn };
  firewall();
  edgeAlarms(full, { balancer: balancer.arnSuffix, firewall: full, certificate: proven }, parent);
  const server: ProxyServer = {
    balancer: { listener: listener.arn, dnsName: balancer.dnsName, dnsZone: balancer.zoneId, zone: zoneId },
    // The load balancer, which is in the public subnets: nodes hand its connections on under its own address.
    peers: publicBlocks,
    trustedProxies,
    domain,
    scheme: "https",
    port: 443,
    tls: "auto",
  };
  return { server, metrics: output("") };

  function securityGroup(): Aws.ec2.SecurityGroup {
    const anywhere = ["0.0.0.0/0"];
    const made = child(
      sdks.ec2.SecurityGroup,
      full,
      {
        vpcId: vpc,
        description: "The load balancer, for everybody",
        ingress: [80, 443].map((port) => ({
          ...{ protocol: "tcp", fromPort: port, toPort: port, cidrBlocks: anywhere, description: "From anywhere" },
        })),
        egress: [{ protocol: "tcp", ...nodePorts, cidrBlocks: [cidr], description: "To the nodes' ports" }],
        tags: { Name: full },
      },
      parent,
    );
    child(
      sdks.vpc.SecurityGroupIngressRule,
      full,
      {
        securityGroupId: cluster.securityGroup,
        referencedSecurityGroupId: made.id,
        ipProtocol: "tcp",
        ...nodePorts,
        description: "From the load balancer",
      },
      parent,
    );
    return made;
  }

  function redirect() {
    child(
      sdks.lb.Listener,
      `${full}-plain`,
      {
        loadBalancerArn: balancer.arn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
      },
      parent,
    );
  }

  /** For the domain and all below it; AWS renews it as long as the record that proves the domain stays. */
  function certificate() {
    const made = child(
      sdks.acm.Certificate,
      full,
      { domainName: domain, subjectAlternativeNames: [`*.${domain}`], validationMethod: "DNS", tags: { Name: full } },
      parent,
      undefined,
      { deleteBeforeReplace: false },
    );
    // The domain and its wildcard are proven by one and the same record.
    const proof = made.domainValidationOptions.apply((options) => options[0]);
    const record = child(
      sdks.route53.Record,
      `${full}-proof`,
      {
        zoneId,
        name: proof.apply((one) => one?.resourceRecordName ?? ""),
        type: proof.apply((one) => (one?.resourceRecordType ?? "CNAME") as "CNAME"),
        records: [proof.apply((one) => one?.resourceRecordValue ?? "")],
        ttl: 300,
        allowOverwrite: true,
      },
      parent,
    );
    const valid = { certificateArn: made.arn, validationRecordFqdns: [record.fqdn] };
    return child(sdks.acm.CertificateValidation, full, valid, parent).certificateArn;
  }

  function firewall() {
    const metric = (metricName: string) => ({
      ...{ metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true },
    });
    const own = child(
      sdks.wafv2.IpSet,
      full,
      {
        ...{ name: `${full}-own`, scope: "REGIONAL", ipAddressVersion: "IPV4", tags: { Name: full } },
        addresses: outbound.map((address) => interpolate`${address}/32`),
      },
      parent,
    );
    const acl = child(
      sdks.wafv2.WebAcl,
      full,
      {
        name: full,
        scope: "REGIONAL",
        defaultAction: { allow: {} },
        rules: firewallRules(metric, { ipSet: own.arn }),
        visibilityConfig: metric(full),
        tags: { Name: full },
      },
      parent,
    );
    const over = { resourceArn: balancer.arn, webAclArn: acl.arn };
    child(sdks.wafv2.WebAclAssociation, full, over, parent);
    const group = child(
      sdks.cloudwatch.LogGroup,
      `${full}-firewall`,
      // WAF writes to groups of this prefix only.
      { name: `aws-waf-logs-${full}`, retentionInDays: 90, kmsKeyId: logsKey },
      parent,
    );
    const logging = {
      resourceArn: acl.arn,
      logDestinationConfigs: [group.arn],
      redactedFields: ["authorization", "cookie"].map((header) => ({ singleHeader: { name: header } })),
    };
    child(sdks.wafv2.WebAclLoggingConfiguration, full, logging, parent);
  }
}

/** Ports that Kubernetes gives to services on every node. */
const nodePorts = { fromPort: 30_000, toPort: 32_767 };
