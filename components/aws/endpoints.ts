import type * as Aws from "@pulumi/aws";
import type { ComponentResource, Input } from "@pulumi/pulumi";
import { child, type Transform } from "../component.ts";
import { sdk } from "../sdk.ts";

/** `minimal`: S3 alone; all other calls to AWS leave by the NAT gateway, at its price a GB. */
export type EndpointChoice = "all" | "minimal";

export interface EndpointsArgs {
  choice: EndpointChoice;
  region: string;
  vpc: Input<string>;
  cidr: string;
  /** Subnets that get an address of each endpoint. */
  subnets: Input<string>[];
  /** Tables that get the route to S3. */
  routeTables: Input<string>[];
  parent: ComponentResource;
  transform: Transform<Aws.ec2.VpcEndpointArgs> | undefined;
}

/** Services that nodes and pods call all the time; without an endpoint these calls would leave by the NAT gateway. */
const services = ["ecr.api", "ecr.dkr", "sts", "eks-auth", "secretsmanager", "kms", "logs", "ec2"];

/** Private ways to AWS itself: a route to S3, which costs nothing, and an address in the VPC for each other service. */
export function endpoints(name: string, args: EndpointsArgs): void {
  const aws = sdk.aws();
  const { region, vpc, parent, transform } = args;
  child(
    aws.ec2.VpcEndpoint,
    `${name}-s3`,
    {
      vpcId: vpc,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: args.routeTables,
      tags: { Name: `${name}-s3` },
    },
    parent,
    transform,
  );
  if (args.choice === "minimal") return;
  const group = child(
    aws.ec2.SecurityGroup,
    `${name}-endpoints`,
    {
      vpcId: vpc,
      description: "Private endpoints of AWS services",
      ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [args.cidr], description: "From the VPC" }],
      tags: { Name: `${name}-endpoints` },
    },
    parent,
  );
  for (const service of services) {
    const full = `${name}-${service.replace(".", "-")}`;
    const endpoint = {
      vpcId: vpc,
      serviceName: `com.amazonaws.${region}.${service}`,
      vpcEndpointType: "Interface",
      subnetIds: args.subnets,
      securityGroupIds: [group.id],
      privateDnsEnabled: true,
      tags: { Name: full },
    };
    child(aws.ec2.VpcEndpoint, full, endpoint, parent, transform);
  }
}
