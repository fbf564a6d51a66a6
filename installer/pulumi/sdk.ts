import { createRequire } from "node:module";
import type { Settings } from "../../stacks/config/index.ts";
import { DependenciesMissing } from "../relaunch.ts";

/** Packages of Pulumi's providers by kind of stack; an install for `local` leaves them out. */
const packages: Record<Settings["stack"]["kind"], string[]> = {
  local: [],
  onprem: ["@pulumi/docker", "@pulumi/docker-build"],
  saas: ["@pulumi/kubernetes", "@kubernetes/client-node"],
  dedicated: ["@pulumi/aws", "@pulumi/kubernetes", "@kubernetes/client-node"],
};

/** @throws DependenciesMissing when the packages a kind needs are not installed */
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
  throw new DependenciesMissing(
    "ARTIFACT_UNAVAILABLE",
    `Stacks of kind ${kind} need ${missing.join(" and ")}, which a local install leaves out.`,
    {
      hint: "Run the same command by the launcher, ./devflow, which installs them once.",
      docs: "pulumi",
    },
  );
}
