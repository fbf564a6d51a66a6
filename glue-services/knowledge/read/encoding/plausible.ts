import type { Candidate } from "./candidates.ts";

/** How much a text reads like one of its language: 1 like any book, 0 like noise. */
export function plausible(text: string, candidate: Candidate): number {
  if (candidate.common) return ideographs(text, candidate);
  return words(text, candidate) * ofOneLanguage(text, candidate) - stray(text, candidate);
}

/** How much of it the best of the encoding's languages explains: nobody writes ø, ì and š in one text. */
function ofOneLanguage(text: string, { languages }: Candidate): number {
  if (!languages) return 1;
  const counts = new Map<string, number>();
  let all = 0;
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) < 0xc0) continue;
    const letter = text.charAt(at).toLowerCase();
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
    all++;
  }
  if (all === 0) return 1;
  const explained = languages.map((letters) => {
    let sum = 0;
    // The letters of each stand in the order of how common they are.
    for (const [letter, count] of counts) {
      const rank = letters.indexOf(letter);
      if (rank >= 0) sum += count * (1 - 0.02 * rank);
    }
    return sum / all;
  });
  return Math.max(...explained);
}

/** How much of it breaks the rules of its script, and how much of what the script needs is missing. */
function stray(text: string, { impossible, needed }: Candidate): number {
  if (!impossible || !needed) return 0;
  const all = countOf(text, /[\u0080-\uffff]/g) || 1;
  return (10 * countOf(text, impossible)) / all + Math.max(0, 1 - countOf(text, needed) / all / 0.33);
}

function countOf(text: string, sign: RegExp): number {
  return text.match(sign)?.length ?? 0;
}

/** What a sign is worth in each encoding, looked up once: a text has few different signs, and Unicode many. */
const worth = new Map<Candidate, Map<number, number>>();

function ideographs(text: string, candidate: Candidate): number {
  const known = knownOf(candidate);
  let [sum, count] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) as number;
    if (code < 0x80) continue;
    if (code > 0xffff) at++;
    count++;
    let value = known.get(code);
    if (value === undefined) {
      value = signWorth(String.fromCodePoint(code), candidate);
      known.set(code, value);
    }
    sum += value;
  }
  return count === 0 ? 0 : sum / count;
}

function signWorth(sign: string, { common, never }: Candidate): number {
  if (never?.test(sign)) return -0.7;
  if (common?.has(sign) || /[\u3041-\u30ff]/u.test(sign)) return 1;
  if (/[\u3000-\u3002\uff01-\uff1f\u300c\u300d]/u.test(sign)) return 0.9;
  return /[\p{Script=Han}\p{Script=Hangul}]/u.test(sign) ? 0.15 : -0.4;
}

/** What a sign is: letters, what may stand within a word, marks before and after words, as bits. */
const is = { letter: 1, capital: 2, within: 4, opening: 8, closing: 16, other: 32 };
const kinds = new Uint8Array(0x10000);

function words(text: string, candidate: Candidate): number {
  let [sum, count, begun] = [0, 0, -1];
  let strange = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0x20;
    if (!parts(code)) {
      if (begun < 0) begun = at;
      if (code >= 0x80) strange++;
      continue;
    }
    if (strange > 0) {
      count += strange;
      sum += strange * word(text, begun, at, strange, candidate);
    }
    begun = -1;
    strange = 0;
  }
  return count === 0 ? 0 : sum / count;
}

/** Blanks and the signs of ASCII: what is beyond it inside a word is a letter, or the encoding is another one. */
function parts(code: number): boolean {
  if (code < 0x80)
    return !((code >= 0x30 && code < 0x3a) || (code >= 0x41 && code < 0x5b) || (code >= 0x61 && code < 0x7b));
  return code === 0xa0 || code === 0x2028 || code === 0x2029;
}

function word(text: string, begun: number, ended: number, strange: number, candidate: Candidate): number {
  let [from, to] = [begun, ended];
  while (from < to && kindOf(text.charCodeAt(from)) & is.opening) from++;
  while (to > from && kindOf(text.charCodeAt(to - 1)) & is.closing) to--;
  if (from === to) return 0.5;
  const known = knownOf(candidate);
  let [fits, latin] = [0, 0];
  for (let at = begun; at < ended; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) {
      if (code >= 0x41) latin++;
      continue;
    }
    let value = known.get(code);
    if (value === undefined) {
      value = candidate.script?.test(String.fromCharCode(code)) ? 1 : 0;
      known.set(code, value);
    }
    fits += value;
  }
  // Nobody writes a word in two scripts.
  const mixed = latin > 0 && !candidate.languages ? 0.1 : 1;
  return (fits / strange) * mixed * shape(text, from, to);
}

/** Words are small, capital, or begin with a capital; other mixes are signs of a wrong table. */
function shape(text: string, from: number, to: number): number {
  let [letters, capitals, first, whole] = [0, 0, false, 1];
  for (let at = from; at < to; at++) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind & is.letter) {
      if (kind & is.capital) capitals++;
      if (letters++ === 0) first = capitals === 1;
    } else if (!(kind & is.within)) whole = 0.1;
  }
  if (capitals === 0 || (capitals === 1 && first)) return whole;
  return whole * (capitals === letters ? 0.8 : 0.15);
}

function kindOf(code: number): number {
  const known = kinds[code];
  if (known) return known;
  const kind = look(String.fromCharCode(code));
  kinds[code] = kind;
  return kind;
}

function look(sign: string): number {
  if (/\p{L}/u.test(sign)) return is.letter | (/\p{Lu}/u.test(sign) ? is.capital : 0);
  if (/[“”„‘«‹›–—…]/.test(sign)) return is.opening | is.closing;
  if (/[¿¡]/.test(sign)) return is.opening;
  if (/[»°©®™№€]/.test(sign)) return is.closing;
  return /[\p{M}\p{N}’·]/u.test(sign) ? is.within : is.other;
}

function knownOf(candidate: Candidate): Map<number, number> {
  const known = worth.get(candidate) ?? new Map<number, number>();
  worth.set(candidate, known);
  return known;
}
