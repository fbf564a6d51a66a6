import { ApiError, type Transaction } from "../../kit/index.ts";
import { type Fetched, FetchFailed } from "../fetch/fetch.ts";
import type { ReadText } from "../read/text.ts";
import type { Placed } from "../read/work.ts";
import { addToFrontier, type Outcome, settle } from "../runs/run.ts";
import { keepPage } from "../store/page.ts";
import { canonical, isTrap, shapeLimit, shapeOf } from "./address.ts";
import { copied } from "./copies.ts";
import { remember, type Site, tryAgain } from "./crawl.ts";

/** Attempts at one page, crashes of the host included. */
const most = 5;

/** A page that is to be read. */
export interface Entry {
  id: string;
  address: string;
  depth: number;
  attempts: number;
}

interface Known {
  etag: string | null;
  lastModified: string | null;
}

/** Reads one page, keeps it, and writes down where it leads: all of it in one transaction. */
export async function visit(site: Site, entry: Entry): Promise<void> {
  const { robots, reading } = site;
  // A page that brought the host down more than once is left alone.
  if (entry.attempts > most) return note(site, entry, "failed", "It could not be read in several attempts.");
  if (!robots.allows(entry.address)) return note(site, entry, "skipped", "robots.txt asks for it not to be read.");
  const known = await knownPage(site, entry);
  let answer: Fetched;
  try {
    answer = await reading.knowledge.fetch.get(entry.address, {
      signal: reading.signal,
      headers: {
        accept: "text/html, text/markdown, text/plain, application/pdf;q=0.9, */*;q=0.1",
        ...(known?.etag && { "if-none-match": known.etag }),
        ...(known?.lastModified && { "if-modified-since": known.lastModified }),
      },
      // A page that leads away is not of this source, wherever it was linked.
      follow: (url) => site.scope.has(url) && robots.allows(url.href),
    });
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error;
    return error.again ? again(site, entry, error.message) : note(site, entry, "failed", error.message);
  }
  if (answer.status === 304 && known) return unchanged(site, entry);
  if (answer.status === 429 || answer.status >= 500) {
    slowDown(site, answer);
    return again(site, entry, `It answered ${answer.status}.`);
  }
  if (answer.status === 404 || answer.status === 410)
    return note(site, entry, "skipped", `It answered ${answer.status}.`);
  if (answer.status !== 200) return note(site, entry, "failed", `It answered ${answer.status}.`);
  await keep(site, entry, answer);
}

async function keep(site: Site, entry: Entry, answer: Fetched): Promise<void> {
  const { knowledge, tenant, run, source } = site.reading;
  const [media = "", ...parameters] = (answer.headers["content-type"] ?? "").split(";").map((part) => part.trim());
  const charset = parameters
    .find((one) => /^charset=/i.test(one))
    ?.slice(8)
    .replace(/"/g, "");
  const given = { bytes: answer.body, media: media.toLowerCase(), name: answer.url, charset };
  const read = await knowledge.reader
    .read(given, tenant.organisation, placed(answer.url, source.name))
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code !== "UNAVAILABLE") return error;
      throw error;
    });
  if (read instanceof ApiError) return note(site, entry, "skipped", read.message);
  await knowledge.database.withTenant(tenant, async (tx) => {
    if (!read.nofollow) await addLinks(tx, site, entry, read);
    const sentTo = await refreshed(tx, site, entry, read);
    if (sentTo)
      return settle(tx, { run, entry: entry.id, outcome: "skipped", note: `It sends its readers to ${sentTo}.` });
    const address = canonical(new URL(answer.url));
    const empty = read.content.trim() === "";
    const copy = read.noindex || empty ? undefined : await copied(tx, site, entry, { own: address, read });
    if (copy === "later") return putBack(tx, entry);
    if (copy || read.noindex || empty) {
      const why = copy ? `It is the same as ${copy.of}.` : empty ? "It has no text." : "It asks not to be kept.";
      return settle(tx, { run, entry: entry.id, outcome: "skipped", note: why });
    }
    const { etag, "last-modified": lastModified } = answer.headers;
    const outcome = await keepPage(tx, tenant, knowledge.index, {
      source: source.id,
      run,
      address,
      media,
      etag,
      lastModified,
      read,
    });
    await settle(tx, { run, entry: entry.id, outcome, notes: read.notes });
  });
}

/** Where a page sends its readers at once, if that is of the source: it is read instead. */
async function refreshed(
  tx: Transaction,
  site: Site,
  { address, depth }: Entry,
  { refresh }: ReadText,
): Promise<string | undefined> {
  if (!refresh) return undefined;
  const url = new URL(refresh);
  const target = canonical(url);
  if (target === address || !site.scope.has(url) || isTrap(url)) return undefined;
  if (!site.seen.has(target)) {
    remember(site, target);
    await addToFrontier(tx, site.reading.run, [{ address: target, depth }]);
  }
  return target;
}

/** A text for models begins with the project's name, which says less than what it is. */
function placed(address: string, name: string): Placed {
  return /\/llms(-full)?\.txt$/.test(new URL(address).pathname) ? { form: "markdown", title: name } : {};
}

/** Until the address that a page names as its own is read. */
async function putBack(tx: Transaction, { id }: Entry): Promise<void> {
  await tx.query(
    "update frontier set taken_at = null, retry_at = now() + interval '1 second' where id = $1 and state = 'waiting'",
    [id],
  );
}

async function addLinks(tx: Transaction, site: Site, entry: Entry, read: ReadText): Promise<void> {
  const { scope, limits, reading, seen } = site;
  if (entry.depth >= limits.maxDepth || !read.links) return;
  const urls = read.links.map((one) => new URL(one)).filter((url) => scope.has(url) && !isTrap(url));
  const fresh = [...new Set(urls.map(canonical))].filter((address) => !seen.has(address));
  if (fresh.length === 0) return;
  // The run's row is locked first: two pages at once would both find room for the last one.
  const { rows } = await tx.query<{ found: number; skipped: number }>(
    "select found, skipped from run where id = $1 for update",
    [reading.run],
  );
  const { found = 0, skipped = 0 } = rows[0] ?? {};
  // What was left out, as copies and pages that are gone, takes nobody's place; yet a site of nothing else must end.
  const room = Math.min(limits.maxPages - (found - skipped), limits.maxPages * 4 - found);
  const wanted = fresh.filter((address) => {
    const shape = shapeOf(new URL(address));
    return (site.shapes.get(shape) ?? 0) < shapeLimit(shape);
  });
  const added = wanted.slice(0, Math.max(0, room));
  for (const address of added) remember(site, address);
  await addToFrontier(
    tx,
    reading.run,
    added.map((address) => ({ address, depth: entry.depth + 1 })),
  );
  if (wanted.length > added.length) {
    await tx.query("update run set note = $2 where id = $1", [
      reading.run,
      `Stopped at ${limits.maxPages} pages, as this source's settings say; there are more.`,
    ]);
  }
}

async function knownPage({ reading }: Site, { address }: Entry): Promise<Known | undefined> {
  const { rows } = await reading.knowledge.database.query<Known>(reading.tenant, {
    name: "knowledge.known-page",
    text: `select etag, last_modified as "lastModified" from page where source_id = $1 and md5(address) = md5($2)`,
    values: [reading.source.id, address],
  });
  return rows[0];
}

/** Its links are those of the last time, which are not kept: what they led to is asked for anew. */
async function unchanged({ reading }: Site, entry: Entry): Promise<void> {
  const { knowledge, tenant, run, source } = reading;
  await knowledge.database.withTenant(tenant, async (tx) => {
    await tx.query("update page set seen_by = $3 where source_id = $1 and md5(address) = md5($2)", [
      source.id,
      entry.address,
      run,
    ]);
    await settle(tx, { run, entry: entry.id, outcome: "unchanged" });
  });
}

function note({ reading }: Site, entry: Entry, outcome: Outcome, why: string): Promise<void> {
  const { knowledge, tenant, run } = reading;
  return knowledge.database.withTenant(tenant, (tx) => settle(tx, { run, entry: entry.id, outcome, note: why }));
}

async function again(site: Site, entry: Entry, why: string): Promise<void> {
  const wait = tryAgain[entry.attempts - 1];
  if (wait === undefined) return note(site, entry, "failed", why);
  await site.reading.knowledge.database.query(site.reading.tenant, {
    text: "update frontier set taken_at = null, retry_at = now() + make_interval(secs => $2), note = $3 where id = $1 and state = 'waiting'",
    values: [entry.id, wait / 1000, why],
  });
}

/** A server that is asked for less waits with the next request, for all pages. */
function slowDown(site: Site, { headers }: Fetched): void {
  const asked = Number(headers["retry-after"]);
  const wait = Number.isFinite(asked) && asked > 0 ? Math.min(asked, 60) * 1000 : 2000;
  site.next = Math.max(site.next, performance.now() + wait);
}
