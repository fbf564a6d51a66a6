/** A property value as it travels between program, engine and provider: JSON, with marks for what JSON lacks. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Properties = Record<string, Json>;

/** Stands for a value that is only known after the effect; the SDK's own sentinel. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key, and the value for secrets, by which the SDK marks special objects (sdk/go/common/resource/properties.go). */
export const markKey = "4dabf18193072939515e22adb298388d";
export const secretMark = "1b47061264138c4ac30d75fd1eb44270";

export const maskedSecret = "[secret]";
export const maskedUnknown = "[unknown]";

export function secret(value: Json): Json {
  return isSecret(value) ? value : { [markKey]: secretMark, value };
}

export function isSecret(value: Json | undefined): value is { value: Json } {
  return isRecord(value) && value[markKey] === secretMark;
}

export function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value without its secret marks, deeply. */
export function reveal(value: Json): Json {
  if (isSecret(value)) return reveal(value.value);
  return mapValue(value, reveal);
}

export function revealAll(properties: Properties): Properties {
  return reveal(properties) as Properties;
}

/** The value as people and logs may see it: secrets and unknowns are replaced by words. */
export function mask(value: Json): Json {
  if (isSecret(value)) return maskedSecret;
  if (value === unknown) return maskedUnknown;
  return mapValue(value, mask);
}

export function hasSecret(value: Json): boolean {
  return isSecret(value) || children(value).some(hasSecret);
}

export function hasUnknown(value: Json): boolean {
  return value === unknown || children(value).some(hasUnknown);
}

/** Each string inside secret marks. */
export function secretStrings(value: Json, inside = false): string[] {
  if (typeof value === "string") return inside ? [value] : [];
  if (isSecret(value)) return secretStrings(value.value, true);
  return children(value).flatMap((child) => secretStrings(child, inside));
}

/** What a provider answered, as JSON: `undefined` and functions go, dates become text. */
export function toProperties(value: object): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}

export function mapValue(value: Json, map: (child: Json) => Json): Json {
  if (Array.isArray(value)) return value.map(map);
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, map(child)]));
  return value;
}

function children(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}
