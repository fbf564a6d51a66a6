import { Value } from "typebox/value";
import { DevflowError } from "../components/error.ts";
import type { Host } from "../components/provider/host.ts";
import { providers } from "../components/provider/index.ts";
import { Settings } from "../stacks/config/schema.ts";
import { servePlugin } from "./engine/plugin.ts";
import type { Properties } from "./engine/values.ts";
import { hostOf } from "./host.ts";

// Pulumi starts the plugin with its engine's address and reads the port from the first line of standard output.
const { port } = await servePlugin(providers, hostFor, process.argv[2]);
process.stdout.write(`${port}\n`);

/** The engine gives the plugin the program's own configuration `devflow:…`, so both work on the same stack. */
async function hostFor(configuration: Properties): Promise<Host> {
  const text = typeof configuration.settings === "string" ? configuration.settings : "null";
  const settings: unknown = JSON.parse(text);
  if (Value.Check(Settings, settings)) return hostOf(settings, process.env);
  throw new DevflowError("CONFIG_INVALID", "The stack's configuration has no devflow:settings that fit this version.", {
    hint: "`./devflow config pulumi` writes a stack's configuration from devflow.yaml.",
  });
}
