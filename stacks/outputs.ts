import type { Input } from "@pulumi/pulumi";
import { type Static, type TObject, type TOptional, type TSchema, Type } from "typebox";
import { byPulumi, everyStack, onAws, type StackKind } from "./config/schema/kinds.ts";

const clusters: readonly StackKind[] = ["saas", "dedicated"];
const saasOnly: readonly StackKind[] = ["saas"];
const onpremOnly: readonly StackKind[] = ["onprem"];

const text = (description: string, on: readonly StackKind[] = everyStack) =>
  Type.Optional(Type.String({ minLength: 1, description, "x-stacks": on }));
const arns = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.String({ pattern: "^arn:" }), { description, "x-stacks": onAws }));
const group = <Properties extends Record<string, TSchema>>(
  description: string,
  on: readonly StackKind[],
  properties: Properties,
): TOptional<TObject<Properties>> =>
  Type.Optional(Type.Object(properties, { additionalProperties: false, description, "x-stacks": on }));
const Text = Type.String({ minLength: 1 });

/**
 * What a stack tells others: `pulumi stack output`, `./devflow up --json`, StackReference. One schema gives the type that
 * the programs return, the table of docs/pulumi.md, and what a test holds every kind against. `x-stacks` names the kinds
 * that have it. Secrets are in none of them: they are named by where they are kept.
 */
export const StackOutputs = Type.Object(
  {
    version: Type.String({ description: "version of DevFlow", "x-stacks": everyStack }),
    versions: Type.Record(Type.String(), Type.String(), {
      description: "versions of the programs of its components by their names in the catalogue",
      "x-stacks": everyStack,
    }),
    platform: Type.String({ description: "address of the platform", "x-stacks": everyStack }),
    issuer: Type.String({
      description: "issuer of the platform's sign-in (OpenID Connect), for programs of your own",
      "x-stacks": everyStack,
    }),
    code: text("address of Git hosting, where it is part of the stack"),
    runtime: text("address of the runtime of people's apps, where it is part of the stack", byPulumi),
    dashboards: text("address of the dashboards, with observability", byPulumi),
    errors: text("address of error tracking, where it is part of the stack", byPulumi),
    errorsDsn: text("where programs send their errors; its key lets nobody read", byPulumi),
    metrics: text("address of Prometheus' query API, within the stack"),
    database: Type.Object(
      { host: Text, port: Type.Integer(), arn: Type.Optional(Text) },
      {
        additionalProperties: false,
        description: "PostgreSQL as the stack's own programs reach it; on AWS with its ARN",
        "x-stacks": everyStack,
      },
    ),
    backups: text("where nightly copies go: a folder or bucket; absent where none is named", byPulumi),
    networks: group("Docker networks", onpremOnly, { inner: Text, outer: Text, alone: Text }),
    namespace: text("namespace of the platform, known when it is closed", clusters),
    tenants: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: "namespaces of tenants by name", "x-stacks": saasOnly }),
    ),
    frontDoor: group("the cluster's front door", saasOnly, { kind: Text, class: Text, namespace: Text }),
    balancer: group("load balancer: its own name, the zone of that name, its ARN", onAws, {
      address: Text,
      zone: Text,
      arn: Text,
    }),
    cluster: text("name of the EKS cluster", onAws),
    clusterArn: text("its ARN", onAws),
    clusterEndpoint: text("address of its API", onAws),
    clusterIssuer: text("OIDC issuer of its service accounts", onAws),
    kubernetes: text("minor version of Kubernetes that the control plane has", onAws),
    kubeconfig: text("how kubectl gets in; it asks the AWS CLI for a token, so it is no secret", onAws),
    network: group("VPC, its subnets by tier, and the addresses it calls the internet by", onAws, {
      vpc: Text,
      public: Type.Array(Text),
      private: Type.Array(Text),
      data: Type.Array(Text),
      outbound: Type.Array(Text),
    }),
    keys: arns("ARNs of the KMS keys: data, cluster, audit"),
    buckets: arns("ARNs of the buckets by what they are for"),
    secrets: arns("ARNs in Secrets Manager of the generated credentials by their names; the values are there"),
    vault: text("ARN of the vault with copies of disks and the database", onAws),
    alarms: text("ARN of the topic of alarms, for a pager or a chat to subscribe to", onAws),
  },
  { additionalProperties: false },
);

/** What a program of one kind of stack returns. */
export type StackOutputs = Told<Static<typeof StackOutputs>>;

/** The same, of which any part may still have to be made. */
type Told<Value> = { [Name in keyof Value]: Part<NonNullable<Value[Name]>> };
type Part<Value> = Value extends readonly (infer Item)[]
  ? Input<Input<Item>[]>
  : Value extends object
    ? Input<Told<Value>>
    : Input<Value>;

/** A table of docs/pulumi.md: each output, what it is, and the kinds that have it. */
export function outputTable(): string {
  const rows = Object.entries(StackOutputs.properties as Record<string, TSchema & Annotations>).map(
    ([name, { description = "", "x-stacks": on = [] }]) =>
      `| \`${name}\` | ${description} | ${on.length === everyStack.length ? "all" : on.join(", ")} |`,
  );
  return ["| output | is | kinds |", "| --- | --- | --- |", ...rows].join("\n");
}

interface Annotations {
  description?: string;
  "x-stacks"?: readonly StackKind[];
}
