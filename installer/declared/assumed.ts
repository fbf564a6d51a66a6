import { createHash } from "node:crypto";
import type { Goal } from "../engine/index.ts";
import type { Properties } from "../engine/values.ts";

/** What the clouds' functions are taken to answer when nobody is asked. */
export function assumedAnswer(token: string, args: Properties): Properties {
  return answers[token]?.(args) ?? {};
}

/** What a resource is taken to have, besides its inputs, once it is made: only what others are told of it. */
export function assumedOutputs(goal: Goal): Properties {
  return { ...outputs[goal.type]?.(goal) };
}

/** Whether a text is one of those that stand here in place of what only a cloud knows. */
export function assumed(text: string): boolean {
  return /\.invalid\b|:the-region:|^(sg-cluster|zone-[abc]|Z\d{13})$/.test(text);
}

const region = "the-region";

const answers: Record<string, (args: Properties) => Properties> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    names: ["a", "b", "c"].map((zone) => `zone-${zone}`),
  }),
  "aws:ssm/getParameter:getParameter": ({ name }) => ({ name: name ?? "", value: "1.60.0-a3e8bda1", type: "String" }),
  "aws:eks/getAddonVersion:getAddonVersion": ({ addonName }) => ({
    addonName: addonName ?? "",
    version: "v1.0.0-eksbuild.1",
  }),
  "aws:route53/getZone:getZone": ({ name }) => ({ zoneId: "Z0000000000000", name: name ?? "" }),
};

const outputs: Record<string, (goal: Goal) => Properties> = {
  "kubernetes:core/v1:Namespace": ({ inputs }) => ({
    metadata: { ...(inputs.metadata as Properties), uid: "0f0f0f0f-0000-4000-8000-000000000000" },
  }),
  "aws:kms/key:Key": ({ name }) => ({ arn: arn("kms", `key/${name}`), keyId: name }),
  "aws:iam/role:Role": ({ name }) => ({ arn: arn("iam", `role/${name}`), name, id: name }),
  "aws:iam/policy:Policy": ({ name }) => ({ arn: arn("iam", `policy/${name}`) }),
  "aws:s3/bucket:Bucket": ({ inputs }) => ({ id: inputs.bucket ?? "", arn: `arn:aws:s3:::${inputs.bucket}` }),
  "aws:secretsmanager/secret:Secret": ({ inputs }) => ({ arn: arn("secretsmanager", `secret:${inputs.name}`) }),
  "aws:backup/vault:Vault": ({ name, inputs }) => ({
    name: inputs.name ?? "",
    arn: arn("backup", `backup-vault:${name}`),
  }),
  "aws:sns/topic:Topic": ({ name }) => ({ arn: arn("sns", name) }),
  "aws:ec2/eip:Eip": ({ name }) => ({ publicIp: `${name}.address.invalid` }),
  "aws:cloudwatch/eventRule:EventRule": ({ inputs }) => ({ name: inputs.name ?? "" }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1 }),
  "aws:eks/cluster:Cluster": ({ name, inputs }) => ({
    name: inputs.name ?? name,
    arn: arn("eks", `cluster/${inputs.name ?? name}`),
    endpoint: "https://cluster.invalid",
    identities: [{ oidcs: [{ issuer: "https://oidc.eks.invalid/id/0" }] }],
    certificateAuthority: { data: "" },
    vpcConfig: { ...(inputs.vpcConfig as Properties), clusterSecurityGroupId: "sg-cluster" },
  }),
  "aws:eks/nodeGroup:NodeGroup": ({ name }) => ({ resources: [{ autoscalingGroups: [{ name: `asg-${name}` }] }] }),
  "aws:rds/parameterGroup:ParameterGroup": ({ inputs }) => ({ name: `${inputs.namePrefix}1` }),
  "aws:rds/instance:Instance": ({ inputs }) => ({
    arn: arn("rds", `db:${inputs.identifier}`),
    address: `${inputs.identifier}.rds.invalid`,
    port: inputs.port ?? 5432,
    identifier: inputs.identifier ?? "",
  }),
  "docker:index/remoteImage:RemoteImage": ({ inputs }) => ({ imageId: `sha256:${sha256(String(inputs.name))}` }),
  "docker-build:index:Image": ({ inputs }) => ({ contextHash: sha256(JSON.stringify(inputs)) }),
  "devflow:index:ContainerFiles": ({ inputs }) => ({
    volume: `${inputs.prefix}-${sha256(JSON.stringify(inputs.files)).slice(0, 12)}`,
  }),
  "devflow:index:EngineLogs": () => ({ folder: "/var/lib/docker/containers" }),
  "devflow:index:ContainerJob": ({ inputs }) => ({ outputHash: sha256(JSON.stringify(inputs)) }),
  "devflow:index:GeneratedSecret": ({ inputs }) => ({
    value: secret(`value of ${inputs.name}`.padEnd(Number(inputs.length), ".")),
    previous: secret(""),
  }),
  "devflow:index:PostgresDatabase": ({ inputs }) => ({ database: inputs.name ?? "", user: inputs.name ?? "" }),
  "aws:route53/record:Record": ({ inputs }) => ({ fqdn: inputs.name ?? "" }),
  "aws:wafv2/ipSet:IpSet": ({ name }) => ({ arn: arn("wafv2", `regional/ipset/${name}`) }),
  "aws:acm/certificate:Certificate": ({ name, inputs }) => ({
    arn: arn("acm", `certificate/${name}`),
    domainValidationOptions: [
      {
        domainName: inputs.domainName ?? "",
        resourceRecordName: `_proof.${inputs.domainName}`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "_proof.acm-validations.invalid",
      },
    ],
  }),
  "aws:acm/certificateValidation:CertificateValidation": ({ inputs }) => ({
    certificateArn: inputs.certificateArn ?? "",
  }),
  "aws:lb/targetGroup:TargetGroup": ({ name }) => ({ arn: arn("elasticloadbalancing", `targetgroup/${name}`) }),
  "aws:lb/listener:Listener": ({ name }) => ({ arn: arn("elasticloadbalancing", `listener/${name}`) }),
  "aws:wafv2/webAcl:WebAcl": ({ name }) => ({ arn: arn("wafv2", `regional/webacl/${name}`) }),
  "aws:cloudwatch/logGroup:LogGroup": ({ name }) => ({ arn: arn("logs", `log-group:${name}`) }),
  "aws:iam/user:User": ({ inputs }) => ({ name: inputs.name ?? "" }),
  "aws:iam/accessKey:AccessKey": () => ({ secret: secret("the key of a user, which AWS makes") }),
  "devflow:index:PostgresRole": ({ inputs }) => ({ user: inputs.name ?? "" }),
  "devflow:index:GiteaRunnerToken": () => ({ token: secret("value of the runner's token") }),
  "devflow:index:GlitchtipProject": () => ({ dsn: "https://key@errors.invalid/1" }),
  "devflow:index:SelfSignedCertificate": ({ inputs }) => ({
    certificate: `certificate of ${inputs.name}`,
    key: secret(`value of ${inputs.name}`),
  }),
  "devflow:index:SupabaseKeys": () =>
    Object.fromEntries(
      ["publishable", "secret", "anonToken", "serviceToken", "signingKeys", "verifyingKeys"].map((key) => [
        key,
        secret(
          key === "signingKeys"
            ? JSON.stringify([{ kid: "value of the runtime's signingKeys" }])
            : `value of the runtime's ${key}`,
        ),
      ]),
    ),
  "devflow:index:VespaApplication": ({ inputs }) => ({
    url: (inputs.query as Properties).url ?? "",
    hash: sha256(JSON.stringify(inputs.files)),
  }),
  "aws:lb/loadBalancer:LoadBalancer": ({ name }) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${name}`),
    arnSuffix: `app/${name}/0`,
    dnsName: `${name}.elb.invalid`,
    zoneId: "Z1111111111111",
  }),
};

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${region}:000000000000:${resource}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** As Pulumi marks one, so that it is seen where secrets go. */
function secret(value: string): Properties {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}
