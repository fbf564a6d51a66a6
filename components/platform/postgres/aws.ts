import type * as Aws from "@pulumi/aws";
import { type ComponentResource, interpolate, type Output } from "@pulumi/pulumi";
import { shareOut } from "../../aws/addresses.ts";
import { backupTag } from "../../aws/backups.ts";
import { relay } from "../../aws/relay.ts";
import { child } from "../../component.ts";
import { credential } from "../../primitives/credential/index.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { databaseAlarms } from "./aws-alarms.ts";
import type { PostgresArgs, PostgresOutputs } from "./index.ts";

/** Inputs of the resources it is made of, for `transform`. */
export interface AwsPostgresChildren {
  instance: Aws.rds.InstanceArgs;
  parameters: Aws.rds.ParameterGroupArgs;
}

/** Major version of PostgreSQL, and what RDS calls its family of parameters. */
const version = "18";

/** Logs that RDS hands on, and days that they are kept. */
const exports = ["postgresql", "upgrade"];
const logDays = 90;

/** Inputs that make another instance of it when they change. */
const restores = ["snapshotIdentifier", "restoreToPointInTime"];

/** Part of a name that is another one each time the stack is made: the id that AWS gave to its security group. */
function generation(id: Output<string>): Output<string> {
  return id.apply((text) => text.replace(/^sg-/, "").slice(-8));
}

/** PostgreSQL on RDS, by size with a standby in another zone, which takes over by itself. */
export function aws(name: string, args: PostgresArgs, parent: ComponentResource): PostgresOutputs {
  const { rds, ec2, cloudwatch } = sdk.aws();
  const { prefix, vpc, cidr, subnets, key, logsKey, cluster, database, retention, protect, recoverFrom, told } =
    surroundings("aws");
  const { places } = surroundings("kubernetes");
  const full = `${prefix}-${name}`;
  const user = "devflow";
  const password = credential("postgres/superuser", { parent });
  const group = child(
    ec2.SecurityGroup,
    full,
    {
      vpcId: vpc,
      description: "PostgreSQL, for the cluster only",
      ingress: [
        {
          ...{ protocol: "tcp", fromPort: args.port, toPort: args.port },
          securityGroups: [cluster.securityGroup],
          description: "From nodes and pods",
        },
      ],
      tags: { Name: full },
    },
    parent,
  );
  const where = child(rds.SubnetGroup, full, { name: full, subnetIds: subnets.data }, parent);
  const parameters = child(
    rds.ParameterGroup,
    full,
    {
      namePrefix: `${full}-`,
      family: `postgres${version}`,
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "password_encryption", value: "scram-sha-256" },
        { name: "idle_in_transaction_session_timeout", value: "300000" },
        { name: "log_min_duration_statement", value: "2000" },
        // Statements carry passwords where roles are made.
        { name: "log_parameter_max_length", value: "0" },
        { name: "log_parameter_max_length_on_error", value: "0" },
        // A change of this one waits for the next restart.
        { name: "max_connections", value: String(args.maxConnections), applyMethod: "pending-reboot" },
      ],
    },
    parent,
    args.transform?.parameters,
  );
  // Its subnets, in which nothing else is.
  places.set(
    name,
    shareOut(cidr).map((zone) => ({ ipBlock: { cidr: zone.data } })),
  );
  // RDS writes to groups of these names; made first, so that it does not keep its logs for ever under a key of its own.
  const logs = exports.map((log) => {
    const group = { name: `/aws/rds/instance/${full}/${log}`, retentionInDays: logDays, kmsKeyId: logsKey };
    return child(cloudwatch.LogGroup, `${full}-${log}`, group, parent);
  });
  const server = child(
    rds.Instance,
    full,
    {
      identifier: full,
      engine: "postgres",
      engineVersion: version,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      instanceClass: database.instance,
      multiAz: database.standby,
      storageType: "gp3",
      allocatedStorage: database.storage,
      maxAllocatedStorage: database.maxStorage,
      storageEncrypted: true,
      kmsKeyId: key,
      username: user,
      password,
      port: args.port,
      dbSubnetGroupName: where.name,
      vpcSecurityGroupIds: [group.id],
      parameterGroupName: parameters.name,
      publiclyAccessible: false,
      backupRetentionPeriod: Math.min(retention, 35),
      backupWindow: "03:00-04:00",
      maintenanceWindow: "sun:04:30-sun:05:30",
      copyTagsToSnapshot: true,
      deletionProtection: protect,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: interpolate`${full}-final-${generation(group.id)}`,
      ...recovered(),
      enabledCloudwatchLogsExports: exports,
      // Which statements take how long, for seven days; the longer ones are charged by the core.
      databaseInsightsMode: "standard",
      performanceInsightsEnabled: true,
      performanceInsightsRetentionPeriod: 7,
      performanceInsightsKmsKeyId: key,
      applyImmediately: false,
      tags: { Name: full, [backupTag.key]: backupTag.value },
    },
    parent,
    args.transform?.instance,
    // RDS itself moves to newer minor versions. What it was made from counts once, and the last snapshot's name is given then.
    {
      protect,
      dependsOn: logs,
      ignoreChanges: ["engineVersion", "finalSnapshotIdentifier", ...restores],
    },
  );
  databaseAlarms(full, { instance: server.identifier, maxConnections: args.maxConnections }, parent);
  told.database = { host: server.address, port: server.port, arn: server.arn };
  const door = { workload: name, port: args.port };
  const reach = relay(name, { host: server.address, door }, parent);
  return {
    host: server.address,
    port: server.port,
    door,
    user,
    password,
    process: server.identifier,
    reach,
    tls: true,
  };

  /** A snapshot, or a moment of another instance, in place of an empty one. */
  function recovered(): Partial<Aws.rds.InstanceArgs> {
    if (!recoverFrom) return {};
    const { snapshot, instance, targetTime } = recoverFrom;
    if (snapshot !== undefined) return { snapshotIdentifier: snapshot };
    const until = targetTime === undefined ? { useLatestRestorableTime: true } : { restoreTime: targetTime };
    return instance === undefined ? {} : { restoreToPointInTime: { sourceDbiResourceId: instance, ...until } };
  }
}
