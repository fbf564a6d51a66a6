import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Output, ProviderResource } from "@pulumi/pulumi";
import { child } from "../component.ts";
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
    return pulled({ name: from.prebuilt, keepLocally: true });
  }
  const { Image, Provider } = sdk.dockerBuild();
  const builder =
    from.host === undefined ? {} : { provider: child(Provider, "builder", { host: from.host }, undefined) };
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
  const tag = `${from.prefix}/glue:${version}`;
  // The builder is the engine that runs the stack, so the image is loaded there and pushed nowhere.
  const { contextHash } = child(
    Image,
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
    undefined,
    undefined,
    builder,
  );
  // Looks up what was built: other sources are another image of the same name.
  return pulled({ name: tag, keepLocally: true, triggers: { sources: contextHash } });

  function pulled(args: import("@pulumi/docker").RemoteImageArgs): Output<string> {
    return child(RemoteImage, "glue", args, undefined, undefined, options).imageId;
  }
}
