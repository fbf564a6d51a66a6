import { type Finding, type Guard, matches } from "./guard.ts";

export const terms: Guard = {
  name: "terms",
  title: "Blocked words",
  description: "The organisation's own list of words, either way. A * stands for any letters.",
  sides: ["question", "answer"],
  usual: ({ deny = [] }) => (deny.length > 0 ? "block" : "off"),
  find: (text, { policy: { deny = [] } }) =>
    deny.length === 0 ? [] : matches(text, patternOf(deny), "a word of the organisation's list"),
};

/** Takes away what the organisation lets through all the same. */
export function withoutAllowed(text: string, found: Finding[], allow: readonly string[]): Finding[] {
  if (allow.length === 0) return found;
  const whole = new RegExp(`^(?:${sourceOf(allow)})$`, "iu");
  return found.filter(({ from, to }) => !whole.test(text.slice(from, to)));
}

const known = new WeakMap<readonly string[], RegExp>();

function patternOf(words: readonly string[]): RegExp {
  const pattern = known.get(words) ?? new RegExp(`(?<![\\p{L}\\p{N}])(?:${sourceOf(words)})(?![\\p{L}\\p{N}])`, "giu");
  known.set(words, pattern);
  return pattern;
}

/**
 * A star takes as few characters as it can and keeps them: a lookahead with a reference to it never tries another length,
 * so that a word of many stars costs no more than its length times that of what they stand for.
 */
function sourceOf(words: readonly string[]): string {
  let stars = 0;
  return words.map((word) => word.split(/\*+/).map(RegExp.escape).reduce(starred)).join("|");

  function starred(before: string, after: string): string {
    if (after === "") return `${before}[^\\s]{0,60}`;
    const name = `s${stars++}`;
    return `${before}(?=(?<${name}>[^\\s]{0,60}?${after}))\\k<${name}>`;
  }
}
