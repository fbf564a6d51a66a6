import type { Output, ProviderResource } from "@pulumi/pulumi";
import { Account } from "../components/aws/account.ts";
import { shareOut } from "../components/aws/addresses.ts";
import { backupTag } from "../components/aws/backups.ts";
import { child } from "../components/component.ts";
import type { Told } from "../components/primitives/aws-surroundings.ts";
import { sdk } from "../components/sdk.ts";
import { within } from "../components/surroundings.ts";
import { awsSize } from "./aws-sizes.ts";
import type { Settings } from "./config/index.ts";
import type { StackOutputs } from "./outputs.ts";
import { clusterIdentifier, onCluster } from "./saas.ts";

/** One customer's own cloud: their AWS account made ready, with the platform in it. */
export function dedicated(settings: Settings): StackOutputs {
  const { stack, aws, kubernetes } = settings;
  const { recoverFrom } = settings.backups;
  const { account = "", zone = "", region, cidr, retention, protect } = aws;
  const { redundancy, nodes, database } = awsSize(kubernetes.size, kubernetes.ha, aws.standby);
  const provider = accountOf(settings, account);
  const made = new Account(stack.name, { ...aws, account, redundancy, nodes }, { providers: [provider] }).outputs;
  const { network, keys, cluster } = made;
  const { Provider } = sdk.kubernetes();
  const inCluster = child(
    Provider,
    "cluster",
    {
      kubeconfig: cluster.kubeconfig,
      clusterIdentifier: clusterIdentifier(settings),
      enableServerSideApply: true,
      enablePatchForce: true,
    },
    undefined,
    undefined,
    // Whoever makes something in the cluster waits until it can run there.
    { dependsOn: cluster.nodes },
  );
  makeStorageClass(keys.data, inCluster);
  const told: Told = { buckets: new Map(), secrets: new Map() };
  const outputs = within(
    {
      aws: {
        told,
        ...{ prefix: stack.name, region, account, cidr, zone, retention, protect, database, cluster },
        ...(recoverFrom && { recoverFrom }),
        ...{ vpc: network.vpc, subnets: network.subnets, outbound: network.outbound },
        ...{
          key: keys.data,
          logsKey: keys.audit,
          alarms: made.alarms,
          accessLogs: made.accessLogs,
          backups: made.backups,
          publicBlocks: shareOut(cidr).map((zone) => zone.public),
        },
      },
      providers: [provider],
    },
    () => onCluster(settings, { provider: inCluster, kubeconfig: cluster.kubeconfig, storageClass, protect }),
  );
  const { subnets, vpc, outbound } = network;
  return {
    ...outputs,
    ...(told.database && { database: { ...told.database } }),
    ...(told.balancer && { balancer: told.balancer }),
    ...{ cluster: cluster.name, clusterArn: cluster.arn, clusterEndpoint: cluster.endpoint },
    ...{ clusterIssuer: cluster.issuer, kubernetes: cluster.version, kubeconfig: cluster.kubeconfig },
    network: { vpc, ...subnets, outbound },
    keys: { ...keys },
    buckets: { ...made.buckets, ...Object.fromEntries(told.buckets) },
    secrets: Object.fromEntries(told.secrets),
    ...{ backups: made.backups, vault: made.vault, alarms: made.alarms },
  };
}

/** The customer's account, and no other: with other credentials every call fails before it does anything. */
function accountOf({ stack, aws, organisation }: Settings, account: string): ProviderResource {
  const tags = { "devflow:stack": stack.name, "devflow:customer": organisation.name, "devflow:managed": "pulumi" };
  const region = aws.region as "eu-central-1";
  return child(sdk.aws().Provider, "aws", { region, allowedAccountIds: [account], defaultTags: { tags } }, undefined);
}

const storageClass = "devflow";

/** Disks that are encrypted with the customer's key, copied every night, and made where the pod is. */
function makeStorageClass(key: Output<string>, provider: ProviderResource): void {
  const { StorageClass } = sdk.kubernetes().storage.v1;
  child(
    StorageClass,
    storageClass,
    {
      metadata: { name: storageClass },
      provisioner: "ebs.csi.aws.com",
      parameters: {
        type: "gp3",
        encrypted: "true",
        kmsKeyId: key,
        tagSpecification_1: `${backupTag.key}=${backupTag.value}`,
      },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      // A claim that is deleted by mistake does not take the data along.
      reclaimPolicy: "Retain",
    },
    undefined,
    undefined,
    { provider },
  );
}
