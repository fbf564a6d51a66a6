import { type ComponentResource, getStack } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { metadata, object } from "../kubernetes/object.ts";
import type { CredentialArgs, CredentialOutputs } from "./index.ts";
import { local } from "./local.ts";

/**
 * Random bytes that the program knows, since it renders them into files; kept in a Secret as well, and where the stack
 * has a store beyond the cluster, pushed to it once, so that a lost cluster does not take its keys along.
 */
export function kubernetes(name: string, args: CredentialArgs, parent: ComponentResource): CredentialOutputs {
  const { value, previous } = local(name, args, parent);
  const { secretStore } = surroundings("kubernetes");
  const { Secret } = sdk.kubernetes().core.v1;
  const about = metadata(`credential-${name}`, args.name.split("/")[0]);
  const secret = object(Secret, name, { metadata: about, stringData: { value, previous } }, parent);
  if (secretStore) push();
  return { value, previous };

  function push() {
    const { CustomResource } = sdk.kubernetes().apiextensions;
    const remoteKey = `devflow/${getStack()}/${args.name}`;
    object(
      CustomResource,
      `${name}-push`,
      {
        apiVersion: "external-secrets.io/v1alpha1",
        kind: "PushSecret",
        metadata: about,
        spec: {
          secretStoreRefs: [secretStore],
          refreshInterval: "1h",
          // A store that has lost it is given it again, and one that is to forget it is told so by a person.
          updatePolicy: "Replace",
          deletionPolicy: "None",
          selector: { secret: { name: secret.metadata.name } },
          data: [{ match: { secretKey: "value", remoteRef: { remoteKey } } }],
        },
      },
      parent,
    );
  }
}
