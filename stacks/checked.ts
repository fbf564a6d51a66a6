import { DevflowError } from "../components/error.ts";
import { isRecord, type SchemaNode, settingsSchema } from "./config/paths.ts";
import { rules } from "./config/rules.ts";
import type { Settings } from "./config/schema.ts";
import { validateSettings } from "./config/validate.ts";

/**
 * Settings as they stand in a stack's configuration, which anybody may have edited: Pulumi itself checks no more than that
 * they are an object. A setting that is new since the file was made has its default; which stack it is has none.
 *
 * @throws DevflowError CONFIG_INVALID with everything that is wrong, unknown settings with the nearest that there is
 */
export function checkedSettings(given: unknown): Settings {
  const value = isRecord(given) ? { ...withDefaults(given), stack: given.stack } : given;
  const wrong = validateSettings(value).map(({ message }) => message);
  if (wrong.length > 0) throw invalid(wrong);
  const settings = value as Settings;
  const broken = rules.flatMap((rule) => rule.broken(settings) ?? []);
  if (broken.length > 0) throw invalid(broken);
  return settings;
}

function withDefaults(value: Record<string, unknown>, schema = settingsSchema): Record<string, unknown> {
  const { properties = {}, required = [] }: SchemaNode = schema;
  const missing = Object.entries(properties).flatMap(([key, node]) => {
    const inner = value[key] ?? node.default ?? (required.includes(key) && node.properties ? {} : undefined);
    if (inner === undefined) return [];
    return [[key, node.properties && isRecord(inner) ? withDefaults(inner, node) : inner]];
  });
  return { ...value, ...Object.fromEntries(missing) };
}

function invalid(wrong: string[]): DevflowError {
  const lines = wrong.length === 1 ? ` ${wrong[0]}` : `\n${wrong.map((line) => `  ${line}`).join("\n")}`;
  return new DevflowError("CONFIG_INVALID", `devflow:settings is not what a stack is made from:${lines}`, {
    hint: "Change it in Pulumi.<stack>.yaml, or make that file anew from your answers: `./devflow config pulumi --answers devflow.yaml`",
    docs: "configuration",
  });
}
