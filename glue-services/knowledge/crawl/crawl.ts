import { setTimeout as pause } from "node:timers/promises";
import { ApiError } from "../../kit/index.ts";
import { FetchFailed } from "../fetch/fetch.ts";
import type { Progress, Reading } from "../runs/job.ts";
import { addToFrontier } from "../runs/run.ts";
import { canonical, isTrap, type Scope, scopeOf, shapeOf } from "./address.ts";
import { isLlmsText, llmsCandidates, readSitemaps } from "./discover.ts";
import { askRobots, type Robots } from "./robots.ts";
import { type Entry, visit } from "./visit.ts";

export const crawlDefaults = { maxPages: 500, maxDepth: 6, delayMs: 200 };
/** Pages asked for at once, when the site asks for no pause. */
const together = 3;
/** Milliseconds after which a page that failed is tried again, by attempt. */
export const tryAgain = [5_000, 30_000];

/** What all pages of one slice share. */
export interface Site {
  reading: Reading;
  robots: Robots;
  scope: Scope;
  limits: typeof crawlDefaults;
  /** Addresses the run knows, and how many there are of each shape. */
  seen: Set<string>;
  shapes: Map<string, number>;
  /** When the next request may be sent, as `performance.now()`. */
  next: number;
}

/** Reads a site: what it offers to models, its sitemap, and what its pages link to. */
export async function crawl(reading: Reading): Promise<Progress> {
  const { knowledge, source, signal, until } = reading;
  const address = source.address ?? "";
  knowledge.reader.warm();
  const { organisation } = reading.tenant;
  const robots = await askRobots(knowledge.fetch, knowledge.reader, organisation, address, signal).catch(
    (error: unknown) => {
      if (!(error instanceof FetchFailed)) throw error;
      throw new ApiError(error.again ? "UNAVAILABLE" : "INVALID", error.message, { hint: "Check the address." });
    },
  );
  const limits = { ...crawlDefaults, ...source.settings };
  const scope = scopeOf(address, source.settings);
  const site: Site = { reading, robots, scope, limits, seen: new Set(), shapes: new Map(), next: 0 };
  if (!(await takeUp(site))) await begin(site);

  let stopped = false;
  let busy = 0;
  const workers = Array.from({ length: robots.delay > 0 ? 1 : together }, async () => {
    while (!stopped && !signal.aborted && performance.now() < until) {
      const entry = await take(site);
      if (!entry) {
        if (busy === 0) return;
        // The page another one has in hand may lead to more.
        await pause(50);
        continue;
      }
      busy++;
      try {
        await turn(site);
        await visit(site, entry);
      } catch (error) {
        stopped = true;
        throw error;
      } finally {
        busy--;
      }
      knowledge.tell(reading.tenant, { source: source.id });
    }
  });
  const ended = await Promise.allSettled(workers);
  const failed = ended.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return progress(reading);
}

/** Goes on with a run that is begun: what the last job had in hand is free again. False: nothing is begun. */
async function takeUp({ reading: { knowledge, tenant, run }, seen, shapes }: Site): Promise<boolean> {
  return knowledge.database.withTenant(tenant, async (tx) => {
    await tx.query("update frontier set taken_at = null where run_id = $1 and taken_at is not null", [run]);
    const { rows } = await tx.query<{ address: string }>("select address from frontier where run_id = $1", [run]);
    for (const { address } of rows) remember({ seen, shapes }, address);
    return rows.length > 0;
  });
}

/** @returns how many addresses of its shape there are now */
export function remember({ seen, shapes }: Pick<Site, "seen" | "shapes">, address: string): number {
  seen.add(address);
  const shape = shapeOf(new URL(address));
  const now = (shapes.get(shape) ?? 0) + 1;
  shapes.set(shape, now);
  return now;
}

/**
 * Writes down where to begin: llms-full.txt alone, else what llms.txt and the sitemap name and the address. What is known
 * of the last time is asked for as well: a page that has not changed does not tell its links again.
 */
async function begin(site: Site): Promise<void> {
  const { reading, robots, scope, limits } = site;
  const { knowledge, source, tenant, run } = reading;
  const address = source.address as string;
  const llms = llmsCandidates(address);
  const full = source.settings.llms === false ? undefined : await firstLlms(site, llms.full);
  const addresses = new Set([full ? full.url : canonical(new URL(address))]);
  if (!full) {
    const index = await firstLlms(site, llms.index);
    const linked = index
      ? await knowledge.reader
          .addresses("links", { bytes: index.body, media: "", name: index.url }, tenant.organisation)
          .catch(() => undefined)
      : undefined;
    const maps = robots.sitemaps.length > 0 ? robots.sitemaps : [new URL("/sitemap.xml", address).href];
    const known = await knowledge.database.query<{ address: string }>(tenant, {
      text: "select address from page where source_id = $1 order by address",
      values: [source.id],
    });
    const before = known.rows.map((row) => row.address);
    for (const one of [...before, ...(linked?.addresses ?? []), ...(await readSitemaps(reading, maps))]) {
      const url = new URL(one);
      if (addresses.size < limits.maxPages && scope.has(url) && !isTrap(url)) addresses.add(canonical(url));
    }
  }
  const entries = [...addresses].map((one, at) => ({ address: one, depth: at === 0 ? 0 : 1 }));
  for (const entry of entries) remember(site, entry.address);
  await knowledge.database.withTenant(tenant, (tx) => addToFrontier(tx, run, entries));
}

async function firstLlms({ reading, robots }: Site, candidates: readonly string[]) {
  for (const url of candidates) {
    if (!robots.allows(url)) continue;
    const answer = await reading.knowledge.fetch
      .get(url, { signal: reading.signal, most: 20 * 1024 * 1024 })
      .catch(() => undefined);
    if (reading.signal.aborted) throw reading.signal.reason;
    if (answer && isLlmsText(answer)) return answer;
  }
  return undefined;
}

/** An entry that nobody has in hand. */
async function take({ reading: { knowledge, tenant, run } }: Site): Promise<Entry | undefined> {
  const { rows } = await knowledge.database.query<Entry>(tenant, {
    name: "knowledge.take",
    text: `update frontier set taken_at = now(), attempts = attempts + 1 where id = (
        select id from frontier where run_id = $1 and state = 'waiting' and taken_at is null
          and (retry_at is null or retry_at <= now())
        order by depth, id for update skip locked limit 1
      ) returning id, address, depth, attempts`,
    values: [run],
  });
  return rows[0];
}

/** One request after the other, with the pause that the site or its settings ask for between them. */
async function turn(site: Site): Promise<void> {
  const gap = Math.max(site.robots.delay, site.limits.delayMs);
  const at = Math.max(performance.now(), site.next);
  site.next = at + gap;
  const wait = at - performance.now();
  if (wait > 0) await pause(wait, undefined, { signal: site.reading.signal }).catch(() => {});
}

async function progress({ knowledge, tenant, run, signal }: Reading): Promise<Progress> {
  const { rows } = await knowledge.database.query<{
    waiting: number;
    ready: boolean;
    at: Date | null;
    failed: number;
    read: number;
  }>(tenant, {
    text: `select count(*) filter (where state = 'waiting')::int as waiting,
          coalesce(bool_or(retry_at is null or retry_at <= now()) filter (where state = 'waiting'), false) as ready,
          min(retry_at) filter (where state = 'waiting') as at,
          count(*) filter (where state = 'failed')::int as failed,
          count(*) filter (where state in ('read', 'unchanged'))::int as read
        from frontier where run_id = $1`,
    values: [run],
  });
  const { waiting = 0, ready, at, failed = 0, read = 0 } = rows[0] ?? {};
  if (waiting > 0 || signal.aborted) return { is: "more", at: ready ? undefined : (at ?? undefined) };
  // Where much failed, what was not seen may well still be there.
  return { is: "done", complete: read > 0 && failed <= (read + failed) / 10 };
}
