import type { ComponentResource } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { GeneratedSecret } from "../../provider/resources.ts";
import { secretsAround } from "../../surroundings.ts";
import type { CredentialArgs, CredentialOutputs } from "./index.ts";

/** Random bytes, kept in the stack's secret store. */
export function local(name: string, args: CredentialArgs, parent: ComponentResource): CredentialOutputs {
  const { length = 43, alphabet = "base64url" } = args;
  const { value, previous } = child(GeneratedSecret, name, { name: args.name, length, alphabet }, parent);
  secretsAround()?.set(args.name, value);
  return { value, previous };
}
