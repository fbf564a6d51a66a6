import { servePlugin } from "../../../installer/engine/plugin.ts";
import { testHost } from "./bench.ts";
import { thingProviders } from "./thing.ts";

// What installer/plugin.ts is to the product, with the test's providers: `node plugin-main.ts FOLDER`.
const folder = process.argv[2] ?? "";
const { address } = await servePlugin(thingProviders(folder), testHost(folder));
process.stdout.write(`${address.split(":")[1]}\n`);
