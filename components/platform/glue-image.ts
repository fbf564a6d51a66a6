import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Output, ProviderResource } from "@pulumi/pulumi";
import { sdk } from "../sdk.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The image of the glue services on the engine: the one that is named, else built from this checkout.
 * @returns its id there, known when it is there
 */
export function makeGlueImage(from: {
  prefix: string;
  prebuilt: string | undefined;
  host: string | undefined;
  provider?: ProviderResource;
}): Output<string> {
  const options = from.provider ? { provider: from.provider } : {};
  const { RemoteImage } = sdk.docker();
  if (from.prebuilt !== undefined) {
    return new RemoteImage("glue", { name: from.prebuilt, keepLocally: true }, options).imageId;
  }
  const { Image, Provider } = sdk.dockerBuild();
  const builder = from.host === undefined ? {} : { provider: new Provider("builder", { host: from.host }) };
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
  const tag = `${from.prefix}/glue:${version}`;
  // The builder is the engine that runs the stack, so the image is loaded there and pushed nowhere.
  const { contextHash } = new Image(
    "glue",
    {
      context: { location: root },
      dockerfile: { location: `${root}images/glue/Dockerfile` },
      buildArgs: { VERSION: version },
      tags: [tag],
      labels: { "dev.devflow.stack": from.prefix },
      load: true,
      push: false,
      buildOnPreview: false,
    },
    builder,
  );
  // Looks up what was built: other sources are another image of the same name.
  return new RemoteImage("glue", { name: tag, keepLocally: true, triggers: { sources: contextHash } }, options).imageId;
}
