import { Type } from "typebox";
import { Value } from "typebox/value";
import { ProviderGiven } from "../schemas.ts";

/**
 * The platform's providers as the configuration gives them, a JSON array.
 *
 * @throws Error that names what is wrong, so that a host with a wrong configuration does not start without its providers
 */
export function providersFrom(json: string): ProviderGiven[] {
  const given: unknown = JSON.parse(json);
  const list = Type.Array(ProviderGiven);
  if (Value.Check(list, given)) return given;
  const [first] = Value.Errors(list, given);
  throw new Error(`DEVFLOW_MODEL_PROVIDERS${first?.instancePath ?? ""} ${first?.message ?? "is not valid"}.`);
}
