import type { Transaction } from "../kit/index.ts";

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

/** Letters that no accent can be taken from, and those of German in its usual spelling. */
const spelled: Record<string, string> = Object.fromEntries(
  "ä ae, ö oe, ü ue, ß ss, æ ae, œ oe, ø o, å a, đ d, ð d, þ th, ł l, ı i".split(", ").map((pair) => pair.split(" ")),
);

/** Small letters, digits and single dashes of at most 40 characters, from a name in any script. */
export function slugOf(name: string): string {
  const words = name
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[äöüßæœøåđðþłı]/g, (letter) => spelled[letter] ?? "")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .replaceAll(/['’]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-");
  return words.replaceAll(/^-+/g, "").slice(0, 40).replaceAll(/-+$/g, "") || "organisation";
}
