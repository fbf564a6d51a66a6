import { Type } from "typebox";
import { ApiError, addJob, emit, job, type Service, subscription, tool } from "../../../glue-services/kit/index.ts";

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

/** For agents. */
const findNotes = tool({
  name: "find_notes",
  title: "Find notes",
  description: "Finds notes of the organisation by words of their text, the newest first.",
  input: Type.Object({ query: Type.String({ maxLength: 200 }) }),
  scope: "notes:read",
  readOnly: true,
  async call({ query }, { app, identity }) {
    const { rows } = await app.database.query<{ id: string; text: string }>(identity, {
      name: "notes.find",
      text: "select id, text from note where strpos(lower(text), lower($1)) > 0 order by created_at desc limit 20",
      values: [query],
    });
    return { data: { notes: rows } };
  },
});

/** A small service that uses every part of the kit: the example of docs/development/glue-service.md. */
export const notesService = ({ most }: { most: number }): Service => ({
  name: "notes",
  migrations: new URL("migrations/", import.meta.url),
  subscriptions: [count],
  jobs: [print],
  tools: [findNotes],
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
          const { rowCount } = await tx.query("select from note limit $1", [most]);
          if (rowCount === most) throw new ApiError("CONFLICT", `There are ${most} notes already.`);
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
});

/** As it is without settings of its own. */
export const notes = notesService({ most: 1000 });
