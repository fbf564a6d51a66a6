const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** First letters of the first and the last word that have one: "JM" of "Jürgen von Müller <x>". */
export function initials(name: string): string {
  const letters = name.split(/\s+/).flatMap((word) => {
    const [first] = segmenter.segment(word);
    return first && /^\p{L}|^\p{N}/u.test(first.segment) ? [first.segment] : [];
  });
  const [first = "?"] = letters;
  return `${first}${letters.length > 1 ? letters.at(-1) : ""}`.toUpperCase();
}
