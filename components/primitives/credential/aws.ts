import { type ComponentResource, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { GeneratedSecret } from "../../provider/resources.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import type { CredentialArgs, CredentialOutputs } from "./index.ts";

/** Random bytes, made as everywhere and kept by the customer in Secrets Manager under their own key. */
export function aws(name: string, args: CredentialArgs, parent: ComponentResource): CredentialOutputs {
  const { secretsmanager } = sdk.aws();
  const { prefix, key, retention, protect, told } = surroundings("aws");
  const { length = 43, alphabet = "base64url" } = args;
  const { value, previous } = child(GeneratedSecret, name, { name: args.name, length, alphabet }, parent);
  const kept = child(
    secretsmanager.Secret,
    name,
    {
      name: `${prefix}/${args.name}`,
      description: "Made by DevFlow; change it with `devflow secrets rotate`",
      kmsKeyId: key,
      // 7 to 30 days in which a deleted secret can be brought back.
      recoveryWindowInDays: Math.min(Math.max(retention, 7), 30),
    },
    parent,
    undefined,
    { protect },
  );
  told.secrets.set(args.name, kept.arn);
  const version = child(secretsmanager.SecretVersion, name, { secretId: kept.id, secretString: value }, parent);
  // Used only once it is kept: a database whose password is nowhere is lost.
  return { value: output([version.id, value]).apply(([, secret]) => secret as string), previous };
}
