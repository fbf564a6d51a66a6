import { useCallback, useEffect, useRef, useState } from "react";
import { type LogLine, parseLogLine } from "../../../../../platform/logs/line.ts";
import { call } from "../../api/call.ts";
import { usePolling, useTopic } from "../../live/live.ts";

export interface Line {
  n: number;
  text: string;
  parsed: LogLine;
}

interface Log {
  life: string;
  lines: Omit<Line, "parsed">[];
}

/** Lines that are kept in the page. */
const kept = 5000;

/** The end of a process's log and what is added to it. While paused, new lines are counted and held back. */
export function useLog(process: string, paused: boolean) {
  const [lines, setLines] = useState<Line[]>();
  const [held, setHeld] = useState(0);
  const [error, setError] = useState<Error>();
  const life = useRef("");
  const waiting = useRef<Line[]>([]);
  const stopped = useRef(paused);
  stopped.current = paused;

  const read = useCallback(
    async (signal?: AbortSignal) => {
      try {
        const log = await call<Log>(`/api/platform/processes/${process}/log`, signal ? { signal } : {});
        if (stopped.current && life.current !== "") return;
        life.current = log.life;
        waiting.current = [];
        setHeld(0);
        setLines(log.lines.slice(-kept).map(parsed));
        setError(undefined);
      } catch (failure) {
        if (!signal?.aborted) setError(failure as Error);
      }
    },
    [process],
  );

  useEffect(() => {
    const gone = new AbortController();
    life.current = "";
    waiting.current = [];
    setLines(undefined);
    void read(gone.signal);
    return () => gone.abort();
  }, [read]);

  useTopic(`platform.logs/${process}`, {
    message(data) {
      const log = data as Log;
      // Another life of the follower numbers its lines anew.
      if (log.life !== life.current) return void read();
      if (stopped.current) {
        waiting.current = [...waiting.current, ...log.lines.map(parsed)].slice(-kept);
        return setHeld(waiting.current.length);
      }
      setLines((before = []) => append(before, log.lines.map(parsed)));
    },
    resync: () => void read(),
  });

  useEffect(() => {
    if (paused || waiting.current.length === 0) return;
    const fresh = waiting.current;
    waiting.current = [];
    setHeld(0);
    setLines((before = []) => append(before, fresh));
  }, [paused]);

  const polling = usePolling(3000);
  useEffect(() => {
    if (polling === false || paused) return;
    const timer = setInterval(() => void read(), polling);
    return () => clearInterval(timer);
  }, [polling, paused, read]);

  return { lines, held, error, retry: () => void read() };
}

function parsed(line: Omit<Line, "parsed">): Line {
  return { ...line, parsed: parseLogLine(line.text) };
}

/** Lines may come both with the first answer and as news. */
function append(before: Line[], fresh: Line[]): Line[] {
  const last = before.at(-1)?.n ?? -1;
  const added = fresh.filter((line) => line.n > last);
  return added.length === 0 ? before : [...before, ...added].slice(-kept);
}
