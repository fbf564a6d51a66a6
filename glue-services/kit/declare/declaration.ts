import { type Static, type TObject, type TProperties, Type } from "typebox";
import type { Service } from "../service.ts";
import type { CommandGroup } from "./commands.ts";
import type { PageDeclaration, ServicePage } from "./pages.ts";
import type { StackKind } from "./stack-kinds.ts";

/** Services of one group share a process; each group may have a process of its own. */
export const processGroups = ["core", "gateway", "ingest", "work", "code", "runtime"] as const;
export type ProcessGroup = (typeof processGroups)[number];

/** What a service says of itself. Whoever must know of the service reads it here. */
export interface ServiceDeclaration<Needs extends TProperties, Settings extends TProperties> {
  /** Name of its folder. */
  name: string;
  /** As people read it. */
  title: string;
  /** What it does, in a sentence for people. */
  description: string;
  group: ProcessGroup;
  /** Resident MiB that it adds to its process in everyday use. */
  memory: number;
  /** Resources of the host that it takes, by name (resources.ts). Without one that is not optional it is not mounted. */
  needs: Needs;
  /** Its sections of devflow.yaml: each has a default for everything, or leaves it optional. */
  settings: Settings;
  /** What its settings must be together, beyond what a schema can say. @default nothing */
  checks?: readonly SettingsCheck<Settings>[];
  /**
   * Scopes that its routes and tools ask for, with what each lets somebody do.
   *
   * @example { "notes:read": "Read notes" }
   */
  scopes: Readonly<Record<string, string>>;
  /** Pages of the dashboard. @default none */
  pages?: readonly PageDeclaration[];
  /** Commands of `./devflow`. @default none */
  commands?: readonly CommandGroup[];
  /** Imports the service and makes it, where it is mounted. */
  load(given: Given<Needs, Settings>): Promise<Service>;
}

/** A rule over settings, for whoever writes devflow.yaml. */
export interface SettingsCheck<Settings extends TProperties> {
  /** The setting to change. @example "notes.folders" */
  path: string;
  /** What may stand there, in words. */
  allowed: string;
  /** The problem in one sentence; undefined when there is none. */
  broken(settings: Static<TObject<Settings>>): string | undefined;
}

/** What a service is made of, checked by its own schemas. */
export interface Given<Needs extends TProperties, Settings extends TProperties> {
  stack: Stack;
  resources: Static<TObject<Needs>>;
  settings: Static<TObject<Settings>>;
}

/** What every service knows of the stack that it is part of. */
export interface Stack {
  /** Version of DevFlow. */
  version: string;
  kind: StackKind;
  /** Address under which people reach the platform. */
  publicUrl: string;
  /** Pages of all services of this host. */
  pages: readonly ServicePage[];
}

/** A declaration, whatever its service needs. */
export interface Declaration<Settings extends TProperties = TProperties>
  extends Omit<ServiceDeclaration<TProperties, Settings>, "load"> {
  /**
   * The service, made of what a host offers.
   *
   * @throws Error that names what is wrong in the offer, never its value
   */
  open(offer: Offer): Promise<Service>;
}

/** All that a host has for its services. Each gets what it declared, and nothing else. */
export interface Offer {
  stack: Stack;
  resources: Readonly<Record<string, unknown>>;
  /** By the names of the sections. */
  settings: Readonly<Record<string, unknown>>;
}

/**
 * Declares a service in its `service.ts`. The host, the installer and the checks read that file at their start, so it
 * imports schemas and nothing that works: the service itself is imported by `load`.
 */
export function declareService<Needs extends TProperties, Settings extends TProperties>(
  declared: ServiceDeclaration<Needs, Settings>,
): Declaration<Settings> {
  const { load, ...facts } = declared;
  return {
    ...facts,
    async open({ stack, resources, settings }) {
      const { read } = await import("./read.ts");
      return load({
        stack,
        resources: read(Type.Object(facts.needs), resources, "resources"),
        settings: read(Type.Object(facts.settings), { ...emptySections(facts.settings), ...settings }, "settings"),
      });
    },
  };
}

/** Names of the resources that a service cannot do without. */
export function demanded(needs: TProperties): string[] {
  return Object.keys(needs).filter((name) => !Type.IsOptional(needs[name]));
}

/** What stands for a section that was left out: its settings' defaults apply. */
function emptySections(settings: TProperties): Record<string, object> {
  return Object.fromEntries(Object.keys(settings).map((section) => [section, {}]));
}
