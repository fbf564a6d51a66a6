import { atWords } from "./split.ts";

/** A text with the words that were searched for marked. */
export function Marked({ text, words }: { text: string; words: string }) {
  return atWords(text, words).map((part, at) =>
    // Every second part is one of the words.
    at % 2 === 1 ? <mark key={`${at} ${part}`}>{part}</mark> : part,
  );
}
