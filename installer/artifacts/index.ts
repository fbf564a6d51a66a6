export { type ArtifactCache, type ArtifactOptions, createArtifacts } from "./artifacts.ts";
export type { PlannedArtifact } from "./plan.ts";
export { packPrebuilt } from "./prebuilt.ts";
export type { ArtifactSettings } from "./settings.ts";
