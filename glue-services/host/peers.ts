import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { Type } from "typebox";
import { type Peers, serviceKeys } from "../kit/index.ts";

const Addresses = Type.Record(Type.String(), Type.String({ pattern: "^https?://[^/]+$" }));

/**
 * The other hosts of the stack, and what all of them share; undefined for one that runs every service itself.
 *
 * @throws Error when the addresses are not valid, or there is no key to share
 */
export async function peersOf(given: string | undefined, masterKeys: unknown): Promise<Peers | undefined> {
  if (given === undefined) return undefined;
  const at = addresses(given);
  if (typeof masterKeys !== "string")
    throw new Error("DEVFLOW_PEERS needs master keys: hosts prove by them that they are of one stack.");
  const keys = (await readFile(masterKeys, "utf8")).split("\n").filter((line) => line !== "");
  return { at, keys: serviceKeys(keys) };
}

function addresses(text: string): Record<string, string> {
  const validate = new Ajv().compile<Record<string, string>>(Addresses);
  const given = parsed(text);
  if (validate(given)) return given;
  throw new Error('DEVFLOW_PEERS is not valid: it is a JSON object, such as {"knowledge": "http://work:4401"}.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
