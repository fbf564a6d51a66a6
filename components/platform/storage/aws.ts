import { secret } from "@pulumi/pulumi";
import { surroundings } from "../../surroundings.ts";
import type { StorageOutputs } from "./index.ts";

/** S3 is there already: each bucket brings its own way in. */
export function aws(): StorageOutputs {
  const { region } = surroundings("aws");
  return { server: { endpoint: `https://s3.${region}.amazonaws.com`, region, accessKey: "", secretKey: secret("") } };
}
