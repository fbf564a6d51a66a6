import { stringify } from "yaml";
import type { ImageLock } from "../../components/primitives/image.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { programConfig } from "../program-config.ts";

/**
 * What `Pulumi.<stack>.yaml` must hold for `pulumi up` in the checkout to make the stack of these settings. Objects stand
 * as objects, so that people can read and edit them; the program takes them as the JSON that Pulumi makes of them.
 */
export function stackFile(settings: Settings, paths: StackPaths, images?: ImageLock): string {
  const config = Object.entries(programConfig(settings, paths, images)).map(([name, value]) => [name, plain(value)]);
  const secretsprovider = settings.engine.secretsProvider;
  return stringify({ ...(secretsprovider && { secretsprovider }), config: Object.fromEntries(config) });
}

function plain(value: string): unknown {
  return value.startsWith("{") ? JSON.parse(value) : value;
}
