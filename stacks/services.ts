import { declarations, sections } from "../glue-services/declared.ts";
import { flatten, leaves, type Settings } from "./config/index.ts";

/** What a stack must know of its services, by their declarations and settings. */
export interface Services {
  /** Their sections of the settings. */
  settings: Readonly<Record<string, unknown>>;
  /** Hosts and ranges of private networks that their settings let them call. */
  reaches: readonly string[];
  /** Resident MiB that they add to their process in everyday use. */
  memory: number;
}

export function servicesOf(settings: Settings): Services {
  const values = flatten(settings);
  const own = Object.entries(settings).filter(([section]) => section in sections);
  return {
    settings: Object.fromEntries(own),
    reaches: leaves.filter(({ schema }) => schema["x-reaches"]).flatMap(({ path }) => texts(values.get(path))),
    memory: declarations.reduce((sum, { memory }) => sum + memory, 0),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
