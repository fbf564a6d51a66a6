import { callSupervisor, text } from "../supervisor/call.ts";

/** Lines of a log that are looked through, the latest ones. */
const reach = 50_000;

export interface LogMatches {
  /** The latest matches, oldest first. */
  lines: string[];
  /** How many there are in all that was looked through. */
  found: number;
  searched: number;
}

/** Lines that contain the words, whatever their case. @throws ApiError */
export async function searchLog(
  socket: string | undefined,
  process: string,
  { query, limit }: { query: string; limit: number },
): Promise<LogMatches> {
  const lines = (await readLog(socket, process, reach)).split("\n").filter(Boolean);
  const wanted = query.toLowerCase();
  const found = lines.filter((line) => line.toLowerCase().includes(wanted));
  return { lines: found.slice(-limit), found: found.length, searched: lines.length };
}

/** The last lines as they are in the file. @throws ApiError */
export async function readLog(socket: string | undefined, process: string, lines: number): Promise<string> {
  const path = `/v1/logs/${encodeURIComponent(process)}?lines=${lines}`;
  return text(await callSupervisor(socket, "GET", path));
}
