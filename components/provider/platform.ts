import { DevflowError } from "../error.ts";

/** Operating system and processor, as the catalogue names them. */
export const platforms = ["linux-x64", "linux-arm64", "darwin-arm64"] as const;
export type Platform = (typeof platforms)[number];

/** @throws DevflowError UNSUPPORTED on a machine the catalogue has no programs for. */
export function currentPlatform(): Platform {
  const found = `${process.platform}-${process.arch}`;
  const platform = platforms.find((known) => known === found);
  if (platform) return platform;
  throw new DevflowError("UNSUPPORTED", `DevFlow has no native programs for ${found}.`, {
    hint: `Use one of ${platforms.join(", ")}, or an onprem stack in Docker.`,
  });
}
