/**
 * A host that is made to be killed: `node crash-host.ts <database url>` runs the example service and writes notes as fast
 * as it can, each to be counted by a subscriber and printed by a job. With a moment as second argument it waits for a
 * message, writes one note, and stands still or dies at that moment: `data`, when the note's statement is done and the
 * event's is not yet sent; `committed`, when both are committed and nobody is told yet; `none`, not by itself.
 */
import { randomUUID } from "node:crypto";
import { buildApp, emit, type Identity, type Service } from "../../glue-services/kit/index.ts";
import { notes } from "./notes/notes.ts";

const identity: Identity = {
  person: undefined,
  organisation: randomUUID(),
  roles: [],
  scopes: ["*"],
  via: "key",
  credential: "crash",
};
const [, , url = "", moment] = process.argv;
const dying: Service = {
  ...notes,
  async register(app) {
    await notes.register(app);
    app.post("/api/notes/dying", { auth: { scope: "notes:write" } }, ({ identity }) =>
      app.database.withTenant(identity, async (tx) => {
        // Asked for before the event is, so it comes before the signal that wakes the dispatchers.
        if (moment === "committed") tx.commit.after(() => process.kill(process.pid, "SIGKILL"));
        const { rows } = await tx.query<{ id: string }>("insert into note (text) values ('one') returning id");
        emit(tx, { topic: "notes.written", key: rows[0]?.id ?? "", payload: { text: "one" } });
        if (moment !== "data") return {};
        process.send?.("data");
        return new Promise(() => {});
      }),
    );
  },
};

const app = await buildApp({
  version: "crash",
  logLevel: "silent",
  services: [dying],
  database: { url },
  verify: async () => identity,
  rateLimits: { anonymous: 1e9, known: 1e9, failures: 1e9 },
});
await app.ready();
if (moment) process.once("message", () => void app.inject({ method: "POST", url: "/api/notes/dying" }));
process.send?.("ready");
for (let writer = 0; !moment && writer < 4; writer++) void write();

async function write(): Promise<void> {
  for (;;) await app.inject({ method: "POST", url: "/api/notes", payload: { text: "print, then be killed" } });
}
