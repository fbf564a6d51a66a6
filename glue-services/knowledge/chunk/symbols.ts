/** Signs around a token that belong to the sentence, not to it. */
const around = /^[\s"'`“”„«»‘’([{<]+|[\s"'`“”„«»‘’)\]}>.,;:!?]+$/gu;
/** Characters of a token that is asked for as it is written. */
const longest = 60;

/**
 * Tokens that are told from others by their signs: `-g`, `--no-cache`, `C++`, `@scope/pkg`, `&&`, `*`. Full text drops
 * signs, so each is written in hexadecimal digits.
 *
 * @param most tokens at most
 */
export function symbolsOf(text: string, most: number): string[] {
  const found = new Set<string>();
  for (const [token] of text.matchAll(/\S+/gu)) {
    if (!/[^\p{L}\p{M}\p{N}]/u.test(token)) continue;
    const bare = token.replace(around, "");
    // A token of nothing but such signs, as "?" is, stays what it is.
    for (const one of new Set([bare === "" ? token : bare, token.replace(/[.,;:]+$/, "")])) {
      if (one === "" || one.length > longest || !/[^\p{L}\p{M}\p{N}]/u.test(one) || wordsWithStops.test(one)) continue;
      found.add(`s${Buffer.from(one.toLowerCase()).toString("hex")}`);
    }
    if (found.size >= most) break;
  }
  return [...found];
}

/** Words between quotes, brackets and stops are ordinary text, and so are lines, ellipses and lists of a drawing. */
const wordsWithStops =
  /^["'`“”„«»‘’([{<]*[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?["'`“”„«»‘’)\]}>.,;:!?]*$|^([-=_~#.|+*])\1{3,}$/u;
