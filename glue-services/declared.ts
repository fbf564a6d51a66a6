// Made by `npm run generate` of the folders that have a service.ts; tests hold it to be up to date.
import { service as aiGateway } from "./ai-gateway/service.ts";
import { service as code } from "./code/service.ts";
import { service as dashboard } from "./dashboard/service.ts";
import { service as identity } from "./identity/service.ts";
import type { Declaration } from "./kit/declare/index.ts";
import { service as knowledge } from "./knowledge/service.ts";
import { service as mcpGateway } from "./mcp-gateway/service.ts";
import { service as platform } from "./platform/service.ts";
import { service as projects } from "./projects/service.ts";
import { service as secrets } from "./secrets/service.ts";

/** Every service of the platform. */
export const declarations: readonly Declaration[] = [
  aiGateway,
  code,
  dashboard,
  identity,
  knowledge,
  mcpGateway,
  platform,
  projects,
  secrets,
];

/** Their sections of devflow.yaml. */
export const sections = {
  ...aiGateway.settings,
  ...code.settings,
  ...dashboard.settings,
  ...identity.settings,
  ...knowledge.settings,
  ...mcpGateway.settings,
  ...platform.settings,
  ...projects.settings,
  ...secrets.settings,
};
