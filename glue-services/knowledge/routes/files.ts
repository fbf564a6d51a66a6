import { Type } from "typebox";
import { ApiError, type Identity } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { addToFrontier, beginRun } from "../runs/run.ts";
import { Id, SourceTold } from "../schemas.ts";
import { readSources } from "../store/sources.ts";

/** Bytes of one file. */
export const fileLimit = 32 * 1024 * 1024;

const Asked = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 300, description: "The file's name; its ending tells what it is." }),
  source: Type.Optional(Id),
});

/** A file, as the body of the request: no form around it. */
export async function fileRoutes(knowledge: Knowledge): Promise<void> {
  await knowledge.app.register(async (scope) => {
    // Whatever it is, also JSON: it is a file, and nothing is to parse it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: fileLimit }, (_request, body, done) =>
      done(null, body),
    );
    scope.put(
      "/api/knowledge/files",
      {
        auth: { scope: "knowledge:write" },
        bodyLimit: fileLimit,
        schema: {
          tags: ["knowledge"],
          summary: "Upload a file into a source of kind files; without one, into the first there is",
          querystring: Asked,
          response: { 202: SourceTold },
        },
      },
      async ({ identity, query, body, headers }, reply) => {
        const { name, source } = query as { name: string; source?: string };
        if (!Buffer.isBuffer(body) || body.length === 0) throw new ApiError("INVALID", "The file is empty.");
        const media =
          String(headers["content-type"] ?? "")
            .split(";", 1)[0]
            ?.trim()
            .toLowerCase() ?? "";
        const id = await keep(knowledge, identity, { name: fileName(name), media, body, source });
        const [told] = await readSources(knowledge.database, identity, id);
        knowledge.tell(identity, { source: id });
        return reply.code(202).send(told);
      },
    );
  });
}

/** The last part of a path, whoever's system it is from; the name is never used as a path. @throws ApiError INVALID */
export function fileName(given: string): string {
  const last = given.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  const name = last.replace(/[\u0000-\u001f\u007f]/g, "").trim();
  if (name === "" || /^\.+$/.test(name)) throw new ApiError("INVALID", "The file needs a name.");
  return name;
}

interface File {
  name: string;
  media: string;
  body: Buffer;
  source: string | undefined;
}

async function keep(
  { database, jobs }: Knowledge,
  identity: Identity,
  { name, media, body, source }: File,
): Promise<string> {
  return database.withTenant(identity, async (tx) => {
    const found = await tx.query<{ id: string }>(
      "select id from source where kind = 'files' and ($1::uuid is null or id = $1) order by created_at limit 1 for update",
      [source],
    );
    let id = found.rows[0]?.id;
    if (!id && source) throw new ApiError("NOT_FOUND", "There is no such source of files.");
    if (!id) {
      const made = await tx.query<{ id: string }>(
        "insert into source (kind, name) values ('files', 'Files') returning id",
      );
      id = made.rows[0]?.id as string;
    }
    // Files that come while others are read join them.
    const under = await tx.query<{ id: string }>(
      "select id from run where source_id = $1 and state in ('waiting', 'running') for update",
      [id],
    );
    const run = under.rows[0]?.id ?? (await beginRun(tx, jobs, id, -1));
    await addToFrontier(tx, run, [{ address: name, depth: 0 }]);
    // The same name again, before the first was read: the last one counts, and is read even if the first was already.
    await tx.query("delete from upload where run_id = $1 and name = $2", [run, name]);
    await tx.query("update frontier set state = 'waiting' where run_id = $1 and md5(address) = md5($2)", [run, name]);
    await tx.query("insert into upload (run_id, name, media, body) values ($1, $2, $3, $4)", [run, name, media, body]);
    return id;
  });
}
