import { at, type Rule } from "../rule.ts";
import { lacking } from "./buckets.ts";

/** Days in which a mistake is usually noticed. */
const least = 7;

/** What is deleted by mistake can be brought back. */
export const backups: Rule = {
  name: "backups-on",
  description: "Databases are backed up for at least seven days and buckets keep former versions.",
  each({ type, inputs }) {
    if (type === "aws:rds/instance:Instance" || type === "aws:rds/cluster:Cluster") {
      const days = Number(inputs.backupRetentionPeriod ?? 0);
      return [
        ...(days < least ? [`Its backups are kept for ${days} days; ${least} is the least.`] : []),
        ...(inputs.skipFinalSnapshot === true ? ["Its last state is not kept when it is deleted."] : []),
      ];
    }
    if (type === "kubernetes:postgresql.cnpg.io/v1:Cluster") {
      const plugins = at(inputs, "spec", "plugins");
      const archived = at(inputs, "spec", "backup") ?? (Array.isArray(plugins) && plugins.length > 0);
      return archived
        ? []
        : ["Its write-ahead log goes nowhere, so no moment can be restored: name a bucket for it (backups)."];
    }
    if (type === "aws:s3/bucketVersioning:BucketVersioning") {
      const status = at(inputs, "versioningConfiguration", "status");
      return status === "Enabled" ? [] : ["The bucket does not keep former versions of its objects."];
    }
    return [];
  },
  all: (resources) =>
    lacking(
      resources,
      "aws:s3/bucketVersioning:BucketVersioning",
      "It keeps no former versions, so what is overwritten is gone.",
    ),
};
