import { join } from "node:path";
import type { Target } from "../components/component.ts";
import type { ImageLock } from "../components/primitives/image.ts";
import type { StackPaths } from "../components/provider/paths.ts";
import type { Settings } from "../stacks/config/index.ts";

/** Where each kind of stack makes its components. */
const targetOf = {
  local: "local",
  onprem: "docker",
  saas: "kubernetes",
  dedicated: "aws",
} as const satisfies Record<Settings["stack"]["kind"], Target>;

/**
 * Configuration of the Pulumi program by full name: all that it reads. Nothing in it is secret.
 * @param images what the lock of images has, for stacks of containers
 */
export function programConfig(settings: Settings, paths: StackPaths, images?: ImageLock): Record<string, string> {
  const { kind } = settings.stack;
  const machine = {
    runs: paths.runs,
    supervisor: paths.socket,
    secrets: { platform: paths.platformSecrets, index: paths.secretsIndex },
    embeddings: join(paths.config("embeddings"), "artifacts.json"),
  };
  return {
    "devflow:target": targetOf[kind],
    "devflow:settings": JSON.stringify(settings),
    ...(images && { "devflow:images": JSON.stringify(images) }),
    ...(kind === "local" && { "devflow:machine": JSON.stringify(machine) }),
  };
}
