/** Letters that no accent can be taken from, and those of German in its usual spelling. */
const spelled: Record<string, string> = Object.fromEntries(
  "ä ae, ö oe, ü ue, ß ss, æ ae, œ oe, ø o, å a, đ d, ð d, þ th, ł l, ı i".split(", ").map((pair) => pair.split(" ")),
);

/**
 * Small letters, digits and single dashes of at most 40 characters, from a name in any script.
 *
 * @param otherwise what a name without any such letter becomes
 */
export function slugOf(name: string, otherwise: string): string {
  const words = name
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[äöüßæœøåđðþłı]/g, (letter) => spelled[letter] ?? "")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .replaceAll(/['’]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-");
  return words.replaceAll(/^-+/g, "").slice(0, 40).replaceAll(/-+$/g, "") || otherwise;
}
