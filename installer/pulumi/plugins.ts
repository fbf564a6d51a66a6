import { readFileSync } from "node:fs";
import type { Settings } from "../../stacks/config/index.ts";

/** A provider's plugin at the version that its SDK asks Pulumi for. */
export interface Plugin {
  /** @example "kubernetes" */
  name: string;
  version: string;
}

/** Providers of each kind of stack besides our own, which is in the checkout. */
const providers: Record<Settings["stack"]["kind"], string[]> = {
  local: [],
  onprem: ["docker", "docker-build"],
  saas: ["kubernetes"],
  dedicated: ["aws", "kubernetes"],
};

/** Plugins that a stack of a kind runs: SDKs are exact in package.json, and each asks for the plugin of its own version. */
export function pluginsOf(kind: Settings["stack"]["kind"]): Plugin[] {
  const file = new URL("../../package.json", import.meta.url);
  const { peerDependencies } = JSON.parse(readFileSync(file, "utf8")) as { peerDependencies: Record<string, string> };
  return providers[kind].map((name) => ({ name, version: peerDependencies[`@pulumi/${name}`] ?? "" }));
}
