import { at, list, type Rule } from "../rule.ts";

/** What is written to a disk can be read with the customer's key only. */
export const disks: Rule = {
  name: "no-unencrypted-disks",
  description: "Disks, databases, file systems and classes of volumes are encrypted.",
  each({ type, inputs }) {
    const bare = "It is not encrypted at rest.";
    switch (type) {
      case "aws:ebs/volume:Volume":
      case "aws:efs/fileSystem:FileSystem":
        return inputs.encrypted === true ? [] : [bare];
      case "aws:rds/instance:Instance":
      case "aws:rds/cluster:Cluster":
        return inputs.storageEncrypted === true ? [] : [bare];
      case "aws:ec2/launchTemplate:LaunchTemplate":
        return list(inputs.blockDeviceMappings)
          .filter((mapping) => String(at(mapping, "ebs", "encrypted")) !== "true")
          .map((mapping) => `Its disk ${String(at(mapping, "deviceName"))} is not encrypted at rest.`);
      case "kubernetes:storage.k8s.io/v1:StorageClass":
        return inputs.provisioner !== "ebs.csi.aws.com" || at(inputs, "parameters", "encrypted") === "true"
          ? []
          : [bare];
      default:
        return [];
    }
  },
};
