import type { App, Database } from "../../kit/index.ts";
import type { Caller } from "../access/caller.ts";
import type { Message } from "../pass/message.ts";
import type { McpServer } from "../servers.ts";

/** What may be answered from memory when a server is away: what it offers, and what was read of it. */
const remembered = new Set([
  "initialize",
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** Bytes of one answer at most. */
const largest = 512 * 1024;

export interface Answers {
  /** Whether an answer to this is worth keeping. */
  keeps(message: Message): boolean;
  keep(caller: Caller, server: McpServer, message: Message, result: Record<string, unknown>): void;
  /** The last good answer, with its age in its `_meta`. */
  last(caller: Caller, server: McpServer, message: Message): Promise<Record<string, unknown> | undefined>;
}

export function openAnswers({ database, log }: { database: Database } & Pick<App, "log">): Answers {
  // Most answers are the same again and again; those need no statement.
  const written = new Map<string, string>();
  return {
    keeps: ({ method = "", id, params }) =>
      id !== undefined && remembered.has(method) && (params as { cursor?: unknown } | undefined)?.cursor === undefined,
    keep(caller, server, message, result) {
      const text = JSON.stringify(result);
      const question = questionOf(message);
      const key = `${server.id} ${caller.id} ${question}`;
      if (text.length > largest || written.get(key) === text) return;
      if (written.size > 2000) written.clear();
      written.set(key, text);
      const values = [server.id, caller.id, question, text];
      database
        .query(caller, {
          name: "mcp.keep",
          text: `insert into answer (server_id, caller, question, result) values ($1, $2, $3, $4)
            on conflict (organisation_id, server_id, caller, question) do update set result = excluded.result, at = now()`,
          values,
        })
        .catch((error: unknown) => {
          written.delete(key);
          log.warn({ err: error }, "an answer for times without the server was not kept");
        });
    },
    async last(caller, server, message) {
      const { rows } = await database.query<{ result: Record<string, unknown>; at: Date }>(caller, {
        name: "mcp.last",
        text: "select result, at from answer where server_id = $1 and caller = $2 and question = $3",
        values: [server.id, caller.id, questionOf(message)],
      });
      return rows[0] && stale(rows[0].result, rows[0].at, server.name);
    },
  };
}

/** The answer, saying that it is an old one, how old, and that nobody should keep it. */
function stale(result: Record<string, unknown>, at: Date, server: string): Record<string, unknown> {
  const ageSeconds = Math.max(0, Math.round((Date.now() - at.getTime()) / 1000));
  const _meta = {
    ...(result._meta as object | undefined),
    "devflow/offline": { server, at: at.toISOString(), ageSeconds },
  };
  // A client of either era may have been answered then and ask now; the older ones do not mind these fields.
  return { ...result, resultType: "complete", ttlMs: 0, cacheScope: "private", _meta };
}

function questionOf({ method = "", params }: Message): string {
  return method === "resources/read" ? `${method} ${String(params?.uri)}` : method;
}
