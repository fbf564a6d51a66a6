import { referencePattern } from "../../glue-services/kit/declare/reference.ts";
import { isRecord } from "./paths.ts";

const secretName = /(key|secret|token|password|passphrase|credential|private)s?$/i;
const reference = new RegExp(referencePattern);
const knownTokens =
  /\b(sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|AKIA|ASIA|AIza|ya29|eyJ|hf|npm|ops)[-_A-Za-z0-9.]{8,}/g;
const assignments = /((?:key|secret|token|password|passphrase)["']?\s*[=:]\s*["']?)(?!env:|op:)[^\s"',}]+/gi;
const credentialsInUrl = /(\w+:\/\/)[^/\s@]+@/g;
const longOpaque = /\b(?=[A-Za-z0-9+/_-]*[0-9])(?=[A-Za-z0-9+/_-]*[A-Za-z])[A-Za-z0-9+_]{28,}={0,2}/g;

/** Takes out of a text whatever looks like a secret, so that it can be shown. */
export function redactText(text: string): string {
  return text
    .replace(credentialsInUrl, "$1***@")
    .replace(assignments, "$1***")
    .replace(knownTokens, "***")
    .replace(longOpaque, "***");
}

/** A value as it may be shown: values of secret-looking names are masked unless they are references. */
export function redact(value: unknown, name = ""): unknown {
  if (typeof value === "string") {
    if (reference.test(value)) return value;
    return secretName.test(name) ? `*** (${value.length} characters)` : redactText(value);
  }
  if (Array.isArray(value)) return value.map((item) => redact(item, name));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redactText(key), redact(inner, key)]));
  }
  return value;
}

/** One short line for a value that may be shown. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
