import { providers } from "../components/provider/index.ts";
import { servePlugin } from "./engine/plugin.ts";
import { openStack } from "./stack.ts";

// Pulumi starts the plugin with its engine's address and reads the port from the first line of standard output.
const { host } = await openStack({ env: process.env, cwd: process.cwd() }, {});
const { port } = await servePlugin(providers, host, process.argv[2]);
process.stdout.write(`${port}\n`);
