import { analyse } from "chardet";
import { type Candidate, candidates } from "./candidates.ts";

export interface Guess {
  name: string;
  text: string;
  /** From 0 on; below `sure` it is as likely to be wrong. */
  score: number;
}

/** Bytes that a guess rests on: enough for any language, whatever the length of the file. */
const sample = 64 * 1024;
const sure = 0.25;
/** What the statistics of another library weigh at most. */
const voice = 0.25;
/** What reads nearly as well in another encoding is no knowledge. */
const lead = 0.04;

/** The encoding of a text that says nothing of it and is no UTF-8; undefined where none is likelier than others. */
export function guess(bytes: Uint8Array): Guess | undefined {
  const part = bytes.subarray(0, sample);
  const guesses = candidates.flatMap((candidate) => {
    const text = decodeStrictly(bytes, candidate.name);
    return text === undefined
      ? []
      : [{ name: candidate.name, text, score: plausible(text.slice(0, sample), candidate) }];
  });
  const best = Math.max(...guesses.map(({ score }) => score));
  if (guesses.filter(({ score }) => score > best - voice).length > 1) {
    // Where several read alike, how often signs follow each other decides.
    for (const { name, confidence } of analyse(part)) {
      for (const one of guesses) if (one.name === label(name)) one.score += (voice * confidence) / 100;
    }
  }
  const [first, second] = guesses.sort((a, b) => b.score - a.score);
  if (!first || first.score < sure) return undefined;
  return second && first.text !== second.text && first.score - second.score < lead ? undefined : first;
}

/** @returns undefined where a byte has no meaning in it */
export function decodeStrictly(bytes: Uint8Array, name: string): string | undefined {
  try {
    const text = new TextDecoder(name, { fatal: true }).decode(bytes);
    // Some tables map what they lack to a control or to the area for private use.
    return /[\u0080-\u009f\ue000-\uf8ff\ufffd]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function label(name: string): string {
  return (
    {
      GB18030: "gb18030",
      Big5: "big5",
      Shift_JIS: "shift_jis",
      "ISO-8859-1": "windows-1252",
      "ISO-8859-2": "windows-1250",
      "ISO-8859-7": "windows-1253",
      "ISO-8859-8": "windows-1255",
      "ISO-8859-9": "windows-1254",
    }[name] ?? name.toLowerCase()
  );
}

/** How much a text reads like one of its language: 1 like any book, 0 like noise. */
function plausible(text: string, candidate: Candidate): number {
  return candidate.common
    ? ideographs(text, candidate.common, candidate.never)
    : words(text, candidate.script as RegExp);
}

function ideographs(text: string, common: Set<string>, never: RegExp | undefined): number {
  let [sum, count] = [0, 0];
  for (const sign of text) {
    if (sign < "\u0080") continue;
    count++;
    if (never?.test(sign)) sum -= 0.7;
    else if (common.has(sign)) sum += 1;
    else if (/[\u3041-\u30ff]/u.test(sign)) sum += 1;
    else if (/[\u3000-\u3002\uff01-\uff1f\u300c\u300d]/u.test(sign)) sum += 0.9;
    else if (/[\p{Script=Han}\p{Script=Hangul}]/u.test(sign)) sum += 0.15;
    else sum -= 0.4;
  }
  return count === 0 ? 0 : sum / count;
}

function words(text: string, script: RegExp): number {
  let [sum, count] = [0, 0];
  // A word with what stands in it: a sign inside a word is a letter of another encoding.
  for (const [word] of text.matchAll(/[^\s!-/:-@[-`{-~]*[\u0080-\uffff][^\s!-/:-@[-`{-~]*/gu)) {
    const letters = [...word];
    const strange = letters.filter((sign) => sign >= "\u0080");
    count += strange.length;
    const core = word.replace(/^[«“”„‘’‹›¿¡–—…]+|[«»“”„‘’‹›–—…°©®™№€]+$/gu, "");
    if (core === "") {
      sum += strange.length * 0.5;
      continue;
    }
    const fits = strange.filter((sign) => script.test(sign)).length / strange.length;
    const whole = /^[\p{L}\p{M}\p{N}'’.·-]+$/u.test(core) ? 1 : 0.1;
    sum += strange.length * fits * whole * shape(core);
  }
  return count === 0 ? 0 : sum / count;
}

/** Words are small, capital, or begin with a capital; other mixes are signs of a wrong table. */
function shape(word: string): number {
  const letters = word.replace(/[^\p{L}]/gu, "");
  if (/^(?:\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}]*|\p{Lu}+)$/u.test(letters)) return /\p{Lu}{2}/u.test(letters) ? 0.8 : 1;
  return 0.15;
}
