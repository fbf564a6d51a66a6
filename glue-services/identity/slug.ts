import { slugOf as slugOfName, type Transaction } from "../kit/index.ts";

/** A name for groups and addresses that no other organisation has. Of two at once the second is refused by the table. */
export async function freeSlug(tx: Transaction, name: string): Promise<string> {
  const base = slugOf(name);
  const { rows } = await tx.query<{ slug: string }>("select slug from organization where starts_with(slug, $1)", [
    base,
  ]);
  const taken = new Set(rows.map(({ slug }) => slug));
  if (!taken.has(base)) return base;
  for (let at = 2; ; at++) if (!taken.has(`${base}-${at}`)) return `${base}-${at}`;
}

/** Of a name in any script. */
export function slugOf(name: string): string {
  return slugOfName(name, "organisation");
}
