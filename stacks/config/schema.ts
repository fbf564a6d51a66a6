import { type Static, Type } from "typebox";
import { sections } from "../../glue-services/declared.ts";
import { Aws } from "./schema/aws.ts";
import { BackupSettings } from "./schema/backups.ts";
import { Components, Sizing } from "./schema/components.ts";
import { Docker, Images } from "./schema/containers.ts";
import { everyStack } from "./schema/kinds.ts";
import { Kubernetes } from "./schema/kubernetes.ts";
import { Artifacts, Secrets, Telemetry } from "./schema/outside.ts";
import { Engine, Network, Organisation, Stack } from "./schema/platform.ts";
import { Runtime } from "./schema/runtime.ts";

export const profileNames = ["minimal", "standard", "full"] as const;
export type ProfileName = (typeof profileNames)[number];

/**
 * Everything a stack is made from, fully resolved: only what has no default is optional. The answers file holds any
 * part of it. Annotations: `x-allowed` says in words what a pattern allows, `x-stacks` names the stack kinds a setting
 * applies to, `x-unit` its unit, `x-path` marks a path, `x-reaches` hosts and ranges of private networks that it lets
 * services call.
 */
export const Settings = Type.Object(
  {
    version: Type.Literal(1, {
      title: "Version",
      description: "Version of this file's format.",
      default: 1,
      examples: [1],
      "x-stacks": everyStack,
    }),
    stack: Stack,
    profile: Type.Enum([...profileNames], {
      title: "Profile",
      description: "How much runs and how large: minimal, standard or full. It sets components and sizing.",
      default: "standard",
      examples: ["minimal", "standard", "full"],
      "x-stacks": everyStack,
    }),
    network: Network,
    organisation: Organisation,
    components: Components,
    sizing: Sizing,
    ...sections,
    runtime: Runtime,
    secrets: Secrets,
    telemetry: Telemetry,
    artifacts: Artifacts,
    backups: BackupSettings,
    aws: Aws,
    images: Images,
    docker: Docker,
    kubernetes: Kubernetes,
    engine: Engine,
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;

/** What a person writes: any part of the settings. */
export type Answers = Partially<Settings>;

type Partially<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Partially<T[K]> } : T;
