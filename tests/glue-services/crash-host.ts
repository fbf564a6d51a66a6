/**
 * A host that is made to be killed: `node crash-host.ts <database url>` runs the example service and writes notes as fast
 * as it can, each to be counted by a subscriber and printed by a job.
 */
import { randomUUID } from "node:crypto";
import { buildApp, type Identity } from "../../glue-services/kit/index.ts";
import { notes } from "./notes/notes.ts";

const identity: Identity = {
  person: undefined,
  organisation: randomUUID(),
  roles: [],
  scopes: ["*"],
  via: "key",
  credential: "crash",
};
const app = await buildApp({
  version: "crash",
  logLevel: "silent",
  services: [notes],
  database: { url: process.argv[2] as string },
  verify: async () => identity,
  rateLimits: { anonymous: 1e9, known: 1e9, failures: 1e9 },
});
await app.ready();
process.send?.("ready");
for (let writer = 0; writer < 4; writer++) void write();

async function write(): Promise<void> {
  for (;;) await app.inject({ method: "POST", url: "/api/notes", payload: { text: "print, then be killed" } });
}
