import { createHash } from "node:crypto";
import { all, type ComponentResource, type Input, type Output, unsecret } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { metadata, object } from "./object.ts";

/** Where rendered files are in every pod. */
export const configFolder = "/etc/devflow";

export interface Rendered {
  /** Name of the Secret that holds the files; undefined: there are none. */
  secret: Output<string> | undefined;
  /** Names of the files. */
  files: string[];
  /** Of the pods: another content is another pod. */
  annotations: Record<string, Output<string>>;
}

/** Files in a Secret, not in a ConfigMap: nearly every one has a password in it. */
export function renderFiles(
  name: string,
  component: string,
  files: Record<string, Input<string>> | undefined,
  parent: ComponentResource,
): Rendered {
  if (!files || Object.keys(files).length === 0) return { secret: undefined, files: [], annotations: {} };
  const { Secret } = sdk.kubernetes().core.v1;
  const stringData = Object.fromEntries(Object.entries(files).map(([file, content]) => [keyOf(file), content]));
  const secret = object(
    Secret,
    `${name}-config`,
    { metadata: metadata(`${name}-config`, component), stringData },
    parent,
  );
  return {
    secret: secret.metadata.name,
    files: Object.keys(files),
    annotations: { "devflow.dev/config": unsecret(all(files).apply(digest)) },
  };
}

/** A Secret's keys have no slashes; the pod mounts each where its file belongs. */
export function keyOf(file: string): string {
  return file.replaceAll("/", "__");
}

function digest(files: Record<string, string>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name]}\0`);
  return hash.digest("hex").slice(0, 32);
}
