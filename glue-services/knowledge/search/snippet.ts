/** Words of a question that say nothing of what is asked for. */
const dull = new Set(
  "the and for are how what who when where why which does did can may has have with from that this not you was".split(
    " ",
  ),
);
/** Characters of a snippet. */
const length = 320;

export interface Snippet {
  text: string;
  /** Words of the question in it: from, to. */
  marks: [number, number][];
}

/** The part of a text in which most different words of the question stand, with these marked. */
export function snippetOf(content: string, question: string): Snippet {
  const stems = [
    ...new Set((question.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? []).filter((word) => !dull.has(word)).map(stem)),
  ];
  const found = [...content.matchAll(/[\p{L}\p{N}_]+/gu)].flatMap((match) => {
    const word = match[0].toLowerCase();
    const by = stems.find((one) => word.startsWith(one));
    return by ? [{ from: match.index, to: match.index + match[0].length, by }] : [];
  });
  const begin = content.length <= length ? 0 : best(content, found);
  const end = content.length <= length ? content.length : Math.min(content.length, begin + length);
  const [before, after] = [begin > 0 ? "… " : "", end < content.length ? " …" : ""];
  const marks = found
    .filter((one) => one.from >= begin && one.to <= end)
    .map((one): [number, number] => [one.from - begin + before.length, one.to - begin + before.length]);
  return { text: `${before}${content.slice(begin, end)}${after}`, marks };
}

/** Where to begin: at the start of a line or word near the window with most of the words. */
function best(content: string, found: readonly { from: number; to: number; by: string }[]): number {
  let winner = { from: 0, different: 0 };
  for (const one of found) {
    const inside = found.filter((other) => other.from >= one.from && other.to <= one.from + length * 0.8);
    const different = new Set(inside.map((other) => other.by)).size;
    if (different > winner.different) winner = { from: one.from, different };
  }
  const near = Math.max(0, winner.from - 40);
  const line = content.lastIndexOf("\n", winner.from);
  if (line >= near) return line + 1;
  const space = content.indexOf(" ", near);
  return near === 0 ? 0 : space >= 0 && space < winner.from ? space + 1 : near;
}

/** The word without its ending: near enough to mark what was found. */
function stem(word: string): string {
  return word.length <= 4 ? word : word.slice(0, Math.max(4, word.length - 2));
}
