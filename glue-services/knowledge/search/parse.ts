/** What a question asks for. */
export interface Parsed {
  /** All of it but what must not be there; also what is embedded. */
  words: string;
  must: string[];
  never: string[];
}

/**
 * A question as it stands: people and agents paste commands, flags and code, so no character of it is an instruction.
 *
 * @param operators read `"an exact phrase"`, `-without` and `-"this phrase"` as conditions. A minus inside of a word is
 *   part of it. @default false
 */
export function parse(question: string, operators = false): Parsed {
  if (!operators) return { words: plain(question), must: [], never: [] };
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
  return { words: plain(words), must, never };
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
