import type * as Aws from "@pulumi/aws";
import type { ComponentResource, ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { child, Product, type Transform } from "../component.ts";
import { alarm } from "../primitives/aws/alarm.ts";
import { sdk } from "../sdk.ts";
import { shareOut } from "./addresses.ts";
import { type EndpointChoice, endpoints } from "./endpoints.ts";

/** A VPC over three zones, whose nodes and databases have no public address. */
export interface NetworkArgs {
  /** Its IPv4 addresses, from /16 to /20. */
  cidr: string;
  region: string;
  /** Zones that have a NAT gateway and private endpoints of their own; the others use the first one's. */
  redundancy: 1 | 3;
  /** ARN of the bucket that flow logs go to. */
  flowLogs: Input<string>;
  /** Which services of AWS have a private way: all that are called all the time, or S3 alone, which costs nothing. */
  endpoints: EndpointChoice;
  /** ARN of the topic that tells people of alarms. */
  alarms: Input<string>;
  transform?: {
    vpc?: Transform<Aws.ec2.VpcArgs>;
    subnet?: Transform<Aws.ec2.SubnetArgs>;
    natGateway?: Transform<Aws.ec2.NatGatewayArgs>;
    endpoint?: Transform<Aws.ec2.VpcEndpointArgs>;
    flowLog?: Transform<Aws.ec2.FlowLogArgs>;
  };
}

export interface NetworkOutputs {
  vpc: Output<string>;
  subnets: { public: Output<string>[]; private: Output<string>[]; data: Output<string>[] };
  /** Addresses by which the cluster calls the internet, and the platform's own public name. */
  outbound: Output<string>[];
}

export class Network extends Product<NetworkArgs, NetworkOutputs> {
  constructor(name: string, args: NetworkArgs, options?: ComponentResourceOptions) {
    super("AwsNetwork", compose, name, args, options);
  }
}

const zoneLetters = ["a", "b", "c"] as const;

function compose(name: string, args: NetworkArgs, parent: ComponentResource): NetworkOutputs {
  const aws = sdk.aws();
  const { transform = {} } = args;
  const zones = aws.getAvailabilityZonesOutput(
    { state: "available", filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] },
    { parent },
  ).names;
  const vpc = child(
    aws.ec2.Vpc,
    name,
    { cidrBlock: args.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } },
    parent,
    transform.vpc,
  );
  closeDefaults();
  const gateway = child(aws.ec2.InternetGateway, name, { vpcId: vpc.id, tags: { Name: name } }, parent);
  const subnets = makeSubnets();
  const open = routeTable("public", { cidrBlock: "0.0.0.0/0", gatewayId: gateway.id });
  associate("public", subnets.public, () => open);
  const nats = subnets.public.slice(0, args.redundancy).map(natGateway);
  const out = nats.map((nat, index) =>
    routeTable(`private-${zoneLetters[index]}`, { cidrBlock: "0.0.0.0/0", natGatewayId: nat.id }),
  );
  associate("private", subnets.private, (index) => out[index] ?? (out[0] as Aws.ec2.RouteTable));
  const isolated = routeTable("data");
  associate("data", subnets.data, () => isolated);
  endpoints(name, {
    ...{ choice: args.endpoints, region: args.region, vpc: vpc.id, cidr: args.cidr, transform: transform.endpoint },
    subnets: subnets.private.slice(0, args.redundancy).map(({ id }) => id),
    routeTables: [...out, isolated].map(({ id }) => id),
    parent,
  });
  logFlows();
  return {
    vpc: vpc.id,
    subnets: {
      public: subnets.public.map(({ id }) => id),
      private: subnets.private.map(({ id }) => id),
      data: subnets.data.map(({ id }) => id),
    },
    outbound: nats.map(({ address }) => address),
  };

  /** The security group and the table that come with a VPC let everything through; nobody is to end up in them. */
  function closeDefaults() {
    child(aws.ec2.DefaultSecurityGroup, name, { vpcId: vpc.id, ingress: [], egress: [] }, parent);
  }

  function makeSubnets() {
    const blocks = shareOut(args.cidr);
    const subnet = (tier: "public" | "private" | "data") =>
      blocks.map((block, index) =>
        child(
          aws.ec2.Subnet,
          `${name}-${tier}-${zoneLetters[index]}`,
          {
            vpcId: vpc.id,
            cidrBlock: block[tier],
            availabilityZone: zones.apply((names) => zoneAt(names, index)),
            mapPublicIpOnLaunch: false,
            tags: { Name: `${name}-${tier}-${zoneLetters[index]}`, "devflow:tier": tier },
          },
          parent,
          transform.subnet,
          // A region that gains a zone lists its zones in another order; what is made stays where it is.
          { ignoreChanges: ["availabilityZone"] },
        ),
      );
    return { public: subnet("public"), private: subnet("private"), data: subnet("data") };
  }

  function routeTable(tier: string, route?: Aws.types.input.ec2.RouteTableRoute) {
    const routes = route ? [route] : [];
    const tags = { Name: `${name}-${tier}` };
    return child(aws.ec2.RouteTable, `${name}-${tier}`, { vpcId: vpc.id, routes, tags }, parent);
  }

  function associate(tier: string, among: Aws.ec2.Subnet[], tableOf: (index: number) => Aws.ec2.RouteTable) {
    for (const [index, { id: subnetId }] of among.entries()) {
      const args = { subnetId, routeTableId: tableOf(index).id };
      child(aws.ec2.RouteTableAssociation, `${name}-${tier}-${zoneLetters[index]}`, args, parent);
    }
  }

  function natGateway(subnet: Aws.ec2.Subnet, index: number) {
    const full = `${name}-${zoneLetters[index]}`;
    const tags = { Name: full };
    const address = child(aws.ec2.Eip, full, { domain: "vpc", tags }, parent);
    const nat = { allocationId: address.id, subnetId: subnet.id, tags };
    const made = child(aws.ec2.NatGateway, full, nat, parent, transform.natGateway, { dependsOn: gateway });
    alarm(
      `${full}-nat-ports`,
      {
        says: "The NAT gateway has no port left for further connections to one address: calls to the internet fail.",
        metric: ["AWS/NATGateway", "ErrorPortAllocation"],
        of: { NatGatewayId: made.id },
        ...{ statistic: "Sum", above: 0, minutes: 5, times: 1, topic: args.alarms },
      },
      parent,
    );
    return { id: made.id, address: address.publicIp };
  }

  function logFlows() {
    child(
      aws.ec2.FlowLog,
      name,
      {
        vpcId: vpc.id,
        trafficType: "ALL",
        logDestinationType: "s3",
        logDestination: args.flowLogs,
        maxAggregationInterval: 600,
        tags: { Name: name },
      },
      parent,
      transform.flowLog,
    );
  }
}

function zoneAt(names: string[], index: number): string {
  const found = names[index];
  if (found === undefined) throw new Error(`the region has ${names.length} zones for this account; three are needed`);
  return found;
}
