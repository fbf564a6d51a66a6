import type { Transaction } from "../../kit/index.ts";
import type { ReadText } from "../read/text.ts";
import { addToFrontier } from "../runs/run.ts";
import { hashOfPage } from "../store/page.ts";
import { canonical, isTrap } from "./address.ts";
import { remember, type Site } from "./crawl.ts";
import type { Entry } from "./visit.ts";

/** What a page is a copy of; `later`: that is not known until the address which it names is read. */
export type Copied = { of: string } | "later" | undefined;

/** Share of a page's lines that stand in another one, from which on it is a copy. */
const alike = 0.8;

/**
 * Whether the run has a page's text already: under the address where a redirect led, the one that it says is its own, or
 * any other, as where a site answers each wrong address with one page. What `rel=canonical` says is believed only if the
 * text there is the same; many a site names its first page on all others.
 */
export async function copied(
  tx: Transaction,
  site: Site,
  entry: Entry,
  { own, read }: { own: string; read: ReadText },
): Promise<Copied> {
  const { run, source } = site.reading;
  // Two copies at once would not see each other.
  await tx.query("select from run where id = $1 for update", [run]);
  if (own !== entry.address && /read|unchanged|waiting/.test((await stateOf(tx, run, own)) ?? "")) return { of: own };
  const said = saidAddress(site, read);
  if (said && said !== own && said !== entry.address) {
    const state = await stateOf(tx, run, said);
    if ((state === undefined || state === "waiting") && entry.attempts === 1) {
      if (state === undefined) {
        remember(site, said);
        await addToFrontier(tx, run, [{ address: said, depth: entry.depth }]);
      }
      return "later";
    }
    if (await isLike(tx, source.id, said, read.content)) return { of: said };
  }
  const { rows } = await tx.query<{ address: string }>(
    "select address from page where source_id = $1 and hash = $2 and seen_by = $3 and address <> $4 limit 1",
    [source.id, hashOfPage(read), run, own],
  );
  return rows[0] && { of: rows[0].address };
}

function saidAddress({ scope }: Site, read: ReadText): string | undefined {
  const url = read.canonical ? new URL(read.canonical) : undefined;
  return url && scope.has(url) && !isTrap(url) ? canonical(url) : undefined;
}

async function stateOf(tx: Transaction, run: string, address: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ state: string }>(
    "select state from frontier where run_id = $1 and md5(address) = md5($2)",
    [run, address],
  );
  return rows[0]?.state;
}

async function isLike(tx: Transaction, source: string, address: string, content: string): Promise<boolean> {
  const { rows } = await tx.query<{ content: string }>(
    "select content from page where source_id = $1 and md5(address) = md5($2)",
    [source, address],
  );
  const other = rows[0] && new Set(linesOf(rows[0].content));
  if (!other) return false;
  const lines = linesOf(content);
  return lines.filter((line) => other.has(line)).length >= lines.length * alike;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
