import { DevflowError } from "../../components/error.ts";
import type { GlobalOptions, Io } from "../commands/command.ts";
import { type PlatformApi, platformApi } from "../platform-api.ts";

export interface Options extends GlobalOptions {
  keyFile?: string;
  kind?: string;
  name?: string;
  tag?: string[];
  maxPages?: string;
  refresh?: string;
  detach?: boolean;
  source?: string[];
  limit?: string;
}

export interface Input {
  options: Options;
  args: string[];
  io: Io;
}

/** A source as the platform tells of it. */
export interface Source {
  id: string;
  kind: string;
  name: string;
  address: string | null;
  refreshHours: number | null;
  readAt: string | null;
  pages: number;
  waiting: number;
  state: string;
  problems: { failed: number; partial: number; skipped: number };
  run: Run | null;
}

/** A page or file that was not read, or not all of it. */
export interface Problem {
  address: string;
  kind: "failed" | "partial" | "skipped";
  note: string;
}

export interface Run {
  id: string;
  state: string;
  found: number;
  read: number;
  unchanged: number;
  skipped: number;
  failed: number;
  note: string | null;
}

/** Where a passage stands. */
export interface Citation {
  source: { name: string; kind: string };
  page: { id: string; title: string; address: string };
  lines: { first: number; last: number };
}

/** @throws DevflowError USAGE without an API key */
export function apiOf({ io, options }: Input): Promise<PlatformApi> {
  return platformApi(io, options, {
    needs: "Commands of the knowledge base",
    scopes: "knowledge:read and knowledge:write",
    docs: "knowledge",
  });
}

/** Ids of the sources that are named by id or name. @throws DevflowError NOT_FOUND */
export async function sourceIds(api: PlatformApi, wanted: readonly string[] = []): Promise<string[]> {
  if (wanted.length === 0) return [];
  const all = await api.call<Source[]>("GET", "/api/knowledge/sources");
  return wanted.map((one) => {
    const found = all.filter(({ id, name }) => id === one || name.toLowerCase() === one.toLowerCase());
    if (found[0] && found.length === 1) return found[0].id;
    const problem = found.length > 1 ? `${found.length} sources are named ${one}.` : `There is no source ${one}.`;
    throw new DevflowError("NOT_FOUND", problem, {
      hint: "`./devflow knowledge sources` shows their ids.",
      docs: "knowledge",
    });
  });
}

/** @throws DevflowError USAGE */
export function wholeNumber(text: string, flag: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new DevflowError("USAGE", `${flag} is "${text}", but should be a whole number from 1 to ${most}.`, {
    hint: "Correct it and run the command again.",
    docs: "knowledge",
  });
}

/** Page and lines, and the source where that says more. */
export function place({ source, page, lines }: Citation): string {
  const range = lines.first === lines.last ? `${lines.first}` : `${lines.first}-${lines.last}`;
  return `${page.address}:${range}${source.name === page.address ? "" : ` (${source.name})`}`;
}
