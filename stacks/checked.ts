import { DevflowError } from "../components/error.ts";
import { isRecord, type SchemaNode, settingsSchema } from "./config/paths.ts";
import { rules } from "./config/rules.ts";
import type { Settings } from "./config/schema.ts";
import { validateSettings } from "./config/validate.ts";

/**
 * Settings as they stand in a stack's configuration, which anybody may have edited: Pulumi itself checks no more than that
 * they are an object. A setting that is new since the file was made has its default.
 *
 * @throws DevflowError CONFIG_INVALID with everything that is wrong, unknown settings with the nearest that there is
 */
export function checkedSettings(given: unknown): Settings {
  const value = withDefaults(settingsSchema, given);
  const wrong = validateSettings(value).map(({ message }) => message);
  if (wrong.length > 0) throw invalid(wrong);
  const settings = value as Settings;
  const broken = rules.flatMap((rule) => rule.broken(settings) ?? []);
  if (broken.length > 0) throw invalid(broken);
  return settings;
}

function withDefaults({ properties, required = [] }: SchemaNode, value: unknown): unknown {
  if (!properties || !isRecord(value)) return value;
  const missing = Object.entries(properties).flatMap(([key, schema]) => {
    const inner = value[key] ?? schema.default ?? (required.includes(key) && schema.properties ? {} : undefined);
    return inner === undefined ? [] : [[key, withDefaults(schema, inner)]];
  });
  return { ...value, ...Object.fromEntries(missing) };
}

function invalid(wrong: string[]): DevflowError {
  const lines = wrong.length === 1 ? ` ${wrong[0]}` : `\n${wrong.map((line) => `  ${line}`).join("\n")}`;
  return new DevflowError("CONFIG_INVALID", `devflow:settings is not what a stack is made from:${lines}`, {
    hint: "Change it in Pulumi.<stack>.yaml, or make that file anew from your answers: ./devflow config pulumi --answers devflow.yaml",
    docs: "configuration",
  });
}
