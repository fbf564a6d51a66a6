import { type Database, storableJson, writeApart } from "../kit/index.ts";
import type { Caller } from "./access/caller.ts";
import { nameArguments } from "./access/judge.ts";
import { argumentsOf, type Message, targetOf } from "./pass/message.ts";

export type Outcome = "done" | "error" | "denied" | "waiting" | "unreachable";

interface CallEntry {
  server: string;
  method: string;
  target?: string | undefined;
  digest?: string | undefined;
  outcome: Outcome;
  ms: number;
}

/** What is logged: what does something, or reads what is not a list. */
const logged = new Set(["tools/call", "prompts/get", "resources/read"]);

/** The log of what agents did. */
export interface CallLog {
  /** Notes a message that is one of those that are logged. */
  heard(caller: Caller, server: string, message: Message, outcome: Outcome, ms: number): void;
  /** Writes what is waiting. */
  close(): Promise<void>;
}

/** Milliseconds until what was noted is written: one statement then holds many calls. */
const pause = 150;
/** Entries that wait at most while the database is away; the oldest are let go and counted. */
const most = 20_000;

export function openCallLog(
  { background }: Pick<Database, "background">,
  lost: (entries: number, error: unknown) => void,
): CallLog {
  let waiting: object[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  return {
    heard(caller, server, message, outcome, ms) {
      const { method = "" } = message;
      if (!logged.has(method)) return;
      const target = targetOf(message);
      const call = { server, tool: target ?? "", arguments: argumentsOf(message) };
      const digest = method === "tools/call" ? nameArguments(call) : undefined;
      note(caller, { server, method, target, digest, outcome, ms });
    },
    async close() {
      clearTimeout(timer);
      flush();
      await writing;
    },
  };

  function note(caller: Caller, { server, method, target, digest, outcome, ms }: CallEntry): void {
    if (waiting.length >= most) lost(waiting.splice(0, most / 10).length, new Error("too many wait"));
    const { organisation, person, id } = caller;
    waiting.push({
      ...{ organisation_id: organisation, person_id: person, caller: id, at: new Date().toISOString() },
      ...{ server, method, target: target?.slice(0, 500), digest, outcome, ms: Math.round(ms) },
    });
    timer ??= setTimeout(flush, pause);
  }

  function flush(): void {
    timer = undefined;
    const rows = waiting;
    if (rows.length === 0) return;
    waiting = [];
    writing = writing
      .then(async () => {
        const refused = await writeApart(rows, (some) =>
          background.query("select mcp_gateway.note_calls($1::jsonb)", [storableJson(some)]),
        );
        // What the database does not take it will not take later either; the entries of others must not wait for it.
        if (refused.length > 0) lost(refused.length, refused[0]?.error);
      })
      .catch((error: unknown) => {
        // Kept for the next time, as far as there is room.
        waiting = [...rows, ...waiting].slice(-most);
        lost(0, error);
        timer ??= setTimeout(flush, 2000);
      });
  }
}
