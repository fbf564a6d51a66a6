import type { ComponentResource, Output } from "@pulumi/pulumi";
import { alarm } from "../../primitives/aws/alarm.ts";
import { surroundings } from "../../surroundings.ts";

/**
 * What ends or slows a database before people notice why. It has no read replica, so there is no lag of one; a standby is
 * kept in step by RDS, which tells of a failover by an event.
 */
export function databaseAlarms(
  name: string,
  { instance, maxConnections }: { instance: Output<string>; maxConnections: number },
  parent: ComponentResource,
): void {
  const { alarms: topic, database } = surroundings("aws");
  const of = { DBInstanceIdentifier: instance };
  const rds = (metric: string, args: Pick<Parameters<typeof alarm>[1], "says" | "above" | "below" | "statistic">) =>
    alarm(
      `${name}-${metric.replace(/[a-z](?=[A-Z])/g, "$&-").toLowerCase()}`,
      { ...args, metric: ["AWS/RDS", metric], of, minutes: 5, times: 3, topic },
      parent,
    );
  rds("FreeStorageSpace", {
    says: "The database's disk is nearly full. It grows by itself up to the size's limit; at the limit it stops. Take the next size.",
    statistic: "Minimum",
    below: (database.storage / 10) * gibibyte,
  });
  rds("CPUUtilization", {
    says: "The database's processors are busy. See its slowest statements in Database Insights, or take the next size.",
    statistic: "Average",
    above: 90,
  });
  rds("FreeableMemory", {
    says: "The database has hardly any memory left and is about to swap. Take the next size.",
    statistic: "Average",
    below: gibibyte / 4,
  });
  rds("DatabaseConnections", {
    says: "Nearly all connections of the database are taken; the next programs are refused.",
    statistic: "Maximum",
    above: Math.floor(maxConnections * 0.85),
  });
  rds("DiskQueueDepth", {
    says: "Statements wait for the database's disk. See what reads so much, or give it more operations a second.",
    statistic: "Average",
    above: 64,
  });
  rds("MaximumUsedTransactionIDs", {
    says: "VACUUM does not keep up: at two billion transactions the database takes no more writes. End old transactions.",
    statistic: "Maximum",
    above: 1_000_000_000,
  });
}

const gibibyte = 2 ** 30;
