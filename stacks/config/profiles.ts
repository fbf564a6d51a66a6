import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import { parse } from "yaml";
import { declarations } from "../../glue-services/declared.ts";
import { flatten, schemaAt } from "./paths.ts";
import type { StackKind } from "./schema/kinds.ts";
import { type Answers, type ProfileName, profileNames, type Settings } from "./schema.ts";
import { compile, validateAnswers } from "./validate.ts";

/** What always runs, then the products in the order of their switches. */
export const componentNames = [
  ...["postgres", "proxy", "platform", "storage", "code", "embeddings", "metrics", "runner", "runtime"],
  ...["timescale", "search", "graph", "observability", "errors", "cache", "mailpit", "uptime"],
] as const;
export type ComponentName = (typeof componentNames)[number];

const mebibytes = Type.Integer({ minimum: 1, maximum: 1_048_576 });

/** One file of configs/profiles. Memory is resident MiB in everyday use. */
const Profile = Type.Object(
  {
    name: Type.Enum([...profileNames]),
    title: Type.String(),
    description: Type.String(),
    memory: Type.Object(
      {
        /** What the limits of all containers may come to. */
        limit: Type.Object({ onprem: mebibytes }, { additionalProperties: false }),
        /** The platform's own is that of its process without any service: each declares what it adds. */
        components: Type.Record(Type.Enum([...componentNames]), mebibytes),
      },
      { additionalProperties: false },
    ),
    /** Checked as answers are. */
    settings: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
);
type Stated = Static<typeof Profile>;

export interface Profile extends Stated {
  memory: Stated["memory"] & {
    /** What a stack with the profile's own components needs, on the kinds that are one machine. */
    total: Record<"local" | "onprem", number>;
  };
  settings: Answers;
}

/** The profiles by name, read once. A profile that is not valid is a bug of this checkout, so it throws plainly. */
export function profiles(): Record<ProfileName, Profile> {
  loaded ??= Object.fromEntries(profileNames.map((name) => [name, load(name)])) as Record<ProfileName, Profile>;
  return loaded;
}

/** Resident memory in MiB of what these settings run, as the profile states it. */
export function memoryOf(settings: Pick<Settings, "stack" | "profile" | "components">): {
  total: number;
  components: Partial<Record<ComponentName, number>>;
} {
  const stated = profiles()[settings.profile].memory.components;
  const running = componentNames.filter((name) => runs(name, settings));
  return {
    total: running.reduce((sum, name) => sum + (stated[name] ?? 0), 0),
    components: Object.fromEntries(running.map((name) => [name, stated[name] ?? 0])),
  };
}

/** Products that make no sense without another one. */
const standsOn: Partial<Record<ComponentName, ComponentName>> = {
  runner: "code",
  observability: "metrics",
};

/**
 * Whether a product is part of the stack: it is switched on, so is what it stands on, and the kind of stack has what it
 * needs.
 */
export function runs(name: ComponentName, settings: Switches): boolean {
  const { components, stack } = settings;
  const product = schemaAt(["components", name]);
  if (!product) return true;
  const kinds = product["x-stacks"];
  const below = standsOn[name];
  return (
    components[name as keyof typeof components] === true &&
    (kinds === undefined || kinds.includes(stack.kind)) &&
    (below === undefined || runs(below, settings))
  );
}

interface Switches {
  stack: { kind: StackKind };
  components: Partial<Settings["components"]>;
}

let loaded: Record<ProfileName, Profile> | undefined;
let profileValidator: ReturnType<typeof compile> | undefined;

/** What the services add to the process that runs all of them. */
const memoryOfServices = declarations.reduce((sum, { memory }) => sum + memory, 0);

const folder = new URL("../../configs/profiles/", import.meta.url);

function load(name: ProfileName): Profile {
  const file = new URL(`${name}.yaml`, folder);
  const profile: unknown = parse(readFileSync(file, "utf8"));
  profileValidator ??= compile(Profile);
  const valid = profileValidator;
  if (!valid(profile)) throw new Error(`${file.pathname}: ${JSON.stringify(valid.errors?.map((e) => e.message))}`);
  const { settings, memory, ...rest } = profile as Profile;
  const wrong = validateAnswers(settings);
  if (wrong.length > 0) throw new Error(`${file.pathname}: ${wrong.map((finding) => finding.message).join("; ")}`);
  // A profile that set itself or the network would make precedence impossible to explain.
  const foreign = [...flatten(settings).keys()].find((path) => !/^(components|sizing)\./.test(path));
  if (foreign) throw new Error(`${file.pathname}: a profile sets components and sizing only, not ${foreign}`);
  const components = { ...memory.components, platform: memory.components.platform + memoryOfServices };
  const totalOn = (kind: StackKind) =>
    componentNames
      .filter((component) => runs(component, { stack: { kind }, components: settings.components ?? {} }))
      .reduce((sum, component) => sum + components[component], 0);
  const total = { local: totalOn("local"), onprem: totalOn("onprem") };
  return { ...rest, settings, memory: { ...memory, components, total } };
}
