import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { SecretAlphabet } from "../../provider/resources.ts";
import { aws } from "./aws.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";

/** A generated secret of the platform tier. */
export interface CredentialArgs {
  /** `component/credential`, unique in the stack. */
  name: string;
  /** Characters. @default 43 (256 bits in base64url) */
  length?: number;
  /** @default "base64url" */
  alphabet?: SecretAlphabet;
}

export interface CredentialOutputs {
  /** Marked secret. */
  value: Output<string>;
  /** The value before, while a rotation lets both be valid; else empty. Marked secret. */
  previous: Output<string>;
}

export const credentialRecipes: Recipes<CredentialArgs, CredentialOutputs> = {
  local,
  // The same resource: it is made and kept where the stack is driven from.
  docker: local,
  kubernetes,
  aws,
};

export class Credential extends Component<CredentialArgs, CredentialOutputs> {
  constructor(name: string, args: CredentialArgs, options?: ComponentResourceOptions) {
    super("primitive:Credential", credentialRecipes, name, args, options);
  }
}

/** The value of a generated secret, for use in a product's composition. */
export function credential(
  name: string,
  options: ComponentResourceOptions & Omit<CredentialArgs, "name">,
): Output<string> {
  return rotatingCredential(name, options).value;
}

/** The same for what can accept the former value beside the new one while a rotation is under way. */
export function rotatingCredential(
  name: string,
  options: ComponentResourceOptions & Omit<CredentialArgs, "name">,
): CredentialOutputs {
  const { length, alphabet, ...resource } = options;
  const args = { name, ...(length && { length }), ...(alphabet && { alphabet }) };
  return new Credential(name.replaceAll("/", "-"), args, resource).outputs;
}
