import type { Evaluation } from "../../installer/engine/index.ts";
import { revealAll } from "../../installer/engine/values.ts";

/** The file that an appliance's services are told their resources and settings by. */
export function servicesFile(goals: Evaluation["goals"]): {
  resources: Record<string, unknown>;
  settings: Record<string, unknown>;
} {
  const files = goals.find(({ type, name }) => type === "devflow:index:ContainerFiles" && name === "platform");
  const contents = revealAll(files?.inputs ?? {}).files as Record<string, string>;
  return JSON.parse(contents["services.json"] ?? "{}");
}
