import { DevflowError } from "../../components/error.ts";
import { type Json, mapValue, maskedSecret, secretStrings } from "./values.ts";

/** Takes secrets that the run has met out of text that a provider or program wrote. */
export interface Redactor {
  /** Remembers the secrets within a value, and any further ones. */
  note(value: Json, ...more: string[]): void;
  text(text: string): string;
  value(value: Json): Json;
  error(error: unknown): Error;
}

/** Shorter secrets would take ordinary words out of the text, and hide nothing. */
const shortest = 4;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  let ordered: string[] | undefined;
  const text = (from: string): string => {
    // The longest first, since one secret may hold another.
    ordered ??= [...secrets].sort((a, b) => b.length - a.length);
    return ordered.reduce(
      (result, one) => (result.includes(one) ? result.replaceAll(one, maskedSecret) : result),
      from,
    );
  };
  const value = (from: Json): Json => (typeof from === "string" ? text(from) : mapValue(from, value));
  const error = (from: unknown): Error => {
    if (!(from instanceof Error)) return new Error(text(String(from)));
    const cause = from.cause === undefined ? undefined : error(from.cause);
    const clean =
      from instanceof DevflowError
        ? new DevflowError(from.code, text(from.message), { hint: text(from.hint), docs: from.docs, cause })
        : Object.assign(new Error(text(from.message), { cause }), { name: from.name });
    if (from.stack !== undefined) clean.stack = text(from.stack);
    return clean;
  };
  return {
    note(from, ...more) {
      for (const one of [...secretStrings(from), ...more].flatMap(spellings)) {
        if (one.length < shortest || secrets.has(one)) continue;
        secrets.add(one);
        ordered = undefined;
      }
    },
    text,
    value,
    error,
  };
}

// --- internal ---

/** How a secret may stand in text: as it is, in a URL, in JSON, or line by line when it is a key of many lines. */
function spellings(secret: string): string[] {
  const lines = secret.includes("\n") ? secret.split("\n").filter((line) => line.length >= 16) : [];
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...lines];
}
