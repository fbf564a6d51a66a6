import { createRequire } from "node:module";
import { DevflowError } from "../../components/error.ts";
import type { Settings } from "../../stacks/config/index.ts";

/** Packages of Pulumi's providers by kind of stack; an install for `local` leaves them out. */
const packages: Record<Settings["stack"]["kind"], string[]> = {
  local: [],
  onprem: ["@pulumi/docker", "@pulumi/docker-build"],
  saas: ["@pulumi/kubernetes", "@kubernetes/client-node"],
  dedicated: ["@pulumi/aws", "@pulumi/kubernetes", "@kubernetes/client-node"],
};

/** @throws DevflowError ARTIFACT_UNAVAILABLE when the packages a kind needs are not installed */
export function requireSdk(kind: Settings["stack"]["kind"]): void {
  const { resolve } = createRequire(import.meta.url);
  const missing = packages[kind].filter((name) => {
    try {
      resolve(`${name}/package.json`);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return;
  throw new DevflowError(
    "ARTIFACT_UNAVAILABLE",
    `Stacks of kind ${kind} need ${missing.join(" and ")}, which a local install leaves out.`,
    {
      hint: "Run the same command again as ./devflow …: it reads the kind from devflow.yaml and installs them once.",
      docs: "pulumi",
    },
  );
}
