import { servePlugin } from "../../../installer/engine/plugin.ts";
import { testHost } from "./bench.ts";
import { thingProviders } from "./thing.ts";

// What installer/plugin.ts is to the product, with the test's providers: `node plugin-main.ts FOLDER ENGINE`.
const folder = process.argv[2] ?? "";
const { port } = await servePlugin(thingProviders(folder), async () => testHost(folder), process.argv[3]);
process.stdout.write(`${port}\n`);
