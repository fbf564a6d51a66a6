/** A question as people type it. */
export interface Parsed {
  /** All of it but what must not be there; also what is embedded. */
  words: string;
  must: string[];
  never: string[];
}

/** `words "an exact phrase" -without -"this phrase"`. A minus inside of a word is part of it. */
export function parse(question: string): Parsed {
  const must: string[] = [];
  const never: string[] = [];
  const words = question.replace(
    /(^|\s)(-?)"([^"]+)"|(^|\s)-([\p{L}\p{N}][^\s"]*)/gu,
    (_all, before, minus, phrase, gap, word) => {
      if (word !== undefined) {
        never.push(word);
        return gap;
      }
      (minus ? never : must).push(phrase);
      return minus ? before : `${before}${phrase}`;
    },
  );
  return { words: words.replace(/\s+/g, " ").trim(), must, never };
}
