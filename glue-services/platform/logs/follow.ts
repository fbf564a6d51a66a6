import { callSupervisor } from "../supervisor/call.ts";

/** A line of a process's log. `n` counts from when this host began to follow it. */
export interface LogLine {
  n: number;
  text: string;
}

/** The end of a log, kept as long as somebody reads it. */
export interface Follower {
  /** Names this life of the follower: numbers of another one mean other lines. */
  life: string;
  lines(): LogLine[];
  /** Resolves when the lines that were already there have been read. */
  began: Promise<void>;
  /** Whether the stream has ended, so that the next reader needs a new one. */
  ended(): boolean;
  stop(): void;
}

/** Lines that are kept, and characters of one of them. */
export const kept = 2000;
const longest = 4000;
/** Milliseconds that new lines are gathered before they are told, and silence after which the beginning is over. */
const gather = 150;
const settle = 60;

/** Follows a process's log through the supervisor and tells of new lines in batches. */
export function follow(socket: string | undefined, process: string, tell: (lines: LogLine[]) => void): Follower {
  const gone = new AbortController();
  const life = crypto.randomUUID().slice(0, 8);
  const known: LogLine[] = [];
  let fresh: LogLine[] = [];
  let next = 0;
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const { promise: began, resolve, reject } = Promise.withResolvers<void>();
  began.catch(() => {});
  read().then(
    () => {
      over = true;
      resolve();
    },
    (error) => {
      over = true;
      reject(error);
    },
  );
  return { life, lines: () => known, began, ended: () => over, stop: () => gone.abort() };

  async function read(): Promise<void> {
    const path = `/v1/logs/${encodeURIComponent(process)}?lines=${kept}&follow=1`;
    const answer = await callSupervisor(socket, "GET", path, gone.signal);
    answer.setEncoding("utf8");
    let quiet = setTimeout(resolve, settle);
    let rest = "";
    try {
      for await (const part of answer) {
        clearTimeout(quiet);
        quiet = setTimeout(resolve, settle);
        const lines = (rest + part).split("\n");
        rest = lines.pop() ?? "";
        for (const text of lines) add(text);
      }
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      clearTimeout(quiet);
      clearTimeout(timer);
    }
  }

  function add(text: string): void {
    const line = { n: next++, text: text.length > longest ? `${text.slice(0, longest)} …` : text };
    known.push(line);
    if (known.length > kept * 2) known.splice(0, known.length - kept);
    fresh.push(line);
    timer ??= setTimeout(() => {
      const lines = fresh;
      fresh = [];
      timer = undefined;
      tell(lines.slice(-kept));
    }, gather);
  }
}
