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
  found.push(...denseMarks(content, question));
  found.sort((a, b) => a.from - b.from);
  const begin = content.length <= length ? 0 : best(content, found);
  const end = content.length <= length ? content.length : Math.min(content.length, begin + length);
  const [before, after] = [begin > 0 ? "… " : "", end < content.length ? " …" : ""];
  const marks = found
    .filter((one) => one.from >= begin && one.to <= end)
    .map((one): [number, number] => [one.from - begin + before.length, one.to - begin + before.length]);
  return { text: `${before}${content.slice(begin, end)}${after}`, marks };
}

/** Pairs of characters of a question in a script without blanks, each where it stands in the text. */
function denseMarks(content: string, question: string): { from: number; to: number; by: string }[] {
  const runs =
    question.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]{2,}/gu) ??
    [];
  const longest = runs.flatMap((run) => {
    const marks: { from: number; to: number; by: string }[] = [];
    for (let at = 0; at < run.length - 1; ) {
      let length = run.length - at;
      while (length > 2 && !content.includes(run.slice(at, at + length))) length--;
      const by = run.slice(at, at + length);
      const from = content.indexOf(by);
      if (from >= 0) marks.push({ from, to: from + by.length, by });
      at += from >= 0 ? length : 1;
    }
    return marks;
  });
  return longest.filter((one, at) => !longest.some((other, i) => i < at && other.from < one.to && one.from < other.to));
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
