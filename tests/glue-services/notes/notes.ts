import { Type } from "typebox";
import { ApiError, addJob, emit, job, type Service, subscription } from "../../../glue-services/kit/index.ts";

const Note = Type.Object({ id: Type.String({ format: "uuid" }), text: Type.String({ minLength: 1, maxLength: 1000 }) });
const tags = ["notes"];

/** Counts each written note once. */
const count = subscription({
  name: "notes.count",
  topic: "notes.written",
  payload: Type.Object({ text: Type.String() }),
  async handle({ key, payload }, tx) {
    if (payload.text.startsWith("fail")) throw new Error(`cannot count ${payload.text}`);
    await tx.query("insert into effect (what, key) values ('counted', $1)", [key]);
  },
  attempts: 3,
});

/** Prints a note, slowly. */
export const print = job({
  name: "notes.print",
  payload: Type.Object({ note: Type.String(), ms: Type.Integer() }),
  async run({ note, ms }, { once }) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    await once((tx) => tx.query("insert into effect (what, key) values ('printed', $1)", [note]));
  },
  attempts: 5,
});

/** A small service that uses every part of the kit: the example of docs/development/glue-service.md. */
export const notes: Service = {
  name: "notes",
  migrations: new URL("migrations/", import.meta.url),
  subscriptions: [count],
  jobs: [print],
  register(app) {
    app.live.topic("notes");

    app.get(
      "/api/notes",
      { auth: { scope: "notes:read" }, schema: { tags, response: { 200: Type.Array(Note) } } },
      async ({ identity }) => {
        const query = { name: "notes.list", text: "select id, text from note order by created_at desc limit 50" };
        return (await app.database.query<{ id: string; text: string }>(identity, query)).rows;
      },
    );

    app.get(
      "/api/notes/:id",
      { auth: { scope: "notes:read" }, schema: { tags, params: Type.Pick(Note, ["id"]), response: { 200: Note } } },
      async ({ identity, params }) => {
        const query = { name: "notes.read", text: "select id, text from note where id = $1", values: [params.id] };
        const { rows } = await app.database.query<{ id: string; text: string }>(identity, query);
        if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such note.");
        return rows[0];
      },
    );

    app.post(
      "/api/notes",
      { auth: { scope: "notes:write" }, schema: { tags, body: Type.Pick(Note, ["text"]), response: { 201: Note } } },
      async ({ identity, body }, reply) => {
        const note = await app.database.withTenant(identity, async (tx) => {
          const { rows } = await tx.query<{ id: string; text: string }>(
            "insert into note (text) values ($1) returning id, text",
            [body.text],
          );
          const [written] = rows as [{ id: string; text: string }];
          emit(tx, { topic: "notes.written", key: written.id, payload: { text: written.text } });
          if (body.text.startsWith("print")) await addJob(tx, print, { note: written.id, ms: 0 });
          return written;
        });
        app.live.publish("notes", { id: note.id }, identity);
        return reply.code(201).send(note);
      },
    );
  },
};
