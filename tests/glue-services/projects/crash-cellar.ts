/** A host that is made to be killed: `node crash-cellar.ts <database url>` removes barrels slowly, one at a time. */
import { setTimeout as wait } from "node:timers/promises";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import { cellar } from "./cellar.ts";

const [, , url = ""] = process.argv;
const app = await buildApp({
  version: "crash",
  logLevel: "silent",
  services: [projects(), cellar({ slowly: true, between: () => wait(40) })],
  database: { url },
});
await app.ready();
