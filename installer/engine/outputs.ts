import type { Provider } from "./decide.ts";
import { hasSecret, type Json, mapValue, type Properties, secret, secretStrings, toProperties } from "./values.ts";

/** Shorter secrets are found in every text. */
const shortest = 4;

/**
 * What a provider answered, with secrets marked: outputs it names, outputs the program names, outputs of the name of a
 * secret input, and outputs in which a secret input can be found (a URL with a password).
 */
export function markOutputs(
  answer: object,
  provider: Provider,
  named: readonly string[],
  inputs: Properties,
): Properties {
  const outputs = toProperties(answer);
  const always = new Set([...(provider.secretOutputs ?? []), ...named]);
  const secrets = secretStrings(inputs).filter((text) => text.length >= shortest);
  const isSecretOutput = (key: string, value: Json) =>
    always.has(key) || (inputs[key] !== undefined && hasSecret(inputs[key])) || holds(value, secrets);
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, isSecretOutput(key, value) ? secret(value) : value]),
  );
}

// --- internal ---

function holds(value: Json, secrets: string[]): boolean {
  let found = false;
  const look = (part: Json): Json => {
    if (typeof part === "string") found ||= secrets.some((one) => part.includes(one));
    return mapValue(part, look);
  };
  if (secrets.length > 0) look(value);
  return found;
}
