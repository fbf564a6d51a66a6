/** A hub that is made to be killed: `node crash-hub.ts <database url> <host that may be read>` does the jobs it finds. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { projects } from "../../../glue-services/projects/app.ts";

const [, , url = "", host = ""] = process.argv;
const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
const app = await buildApp({
  version: "crash",
  logLevel: "silent",
  services: [projects(), aiGateway({ spool }), knowledge({ allow: [host] })],
  database: { url },
});
await app.ready();
process.send?.("ready");
