import { analyse } from "chardet";
import { type Candidate, candidates } from "./candidates.ts";
import { plausible } from "./plausible.ts";

export interface Guess {
  name: string;
  text: string;
  /** From 0 on; below `sure` it is as likely to be wrong. */
  score: number;
}

/** Bytes that a guess rests on: enough for any language, whatever the length of the file. */
const sample = 64 * 1024;
/** ASCII that is kept of a line before its first other sign. */
const before = 64;
const sure = 0.25;
/** What the statistics of another library weigh at most. */
const voice = 0.25;
/** What reads nearly as well in another encoding is no knowledge. */
const lead = 0.05;
/** How much more must lie between two readings of a single sign. */
const doubt = 0.2;

/** The encoding of a text that says nothing of it and is no UTF-8; undefined where none is likelier than others. */
export function guess(bytes: Uint8Array): Guess | undefined {
  const { part, all } = telling(bytes);
  const guesses = candidates
    .flatMap((candidate) => score(part, candidate))
    .filter((one) => one.score > 0 && (all || decodeStrictly(bytes, one.name) !== undefined));
  const best = Math.max(...guesses.map(({ score }) => score));
  const near = guesses.filter(({ score }) => score > best - lead);
  if (near.some(({ text }) => text !== near[0]?.text)) {
    // Where several read alike, how often signs follow each other decides.
    for (const { name, confidence } of analyse(part)) {
      for (const one of near) if (one.name === label(name)) one.score += (voice * confidence) / 100;
    }
  }
  const [first, second] = guesses.sort((a, b) => b.score - a.score);
  if (!first || first.score < sure) return undefined;
  // One letter that two languages have at different places says little; a line of them says enough.
  const needed = lead + doubt / Math.max(1, strangeIn(part));
  if (second && first.text !== second.text && first.score - second.score < needed) return undefined;
  return { ...first, text: decodeStrictly(bytes, first.name) as string };
}

function score(part: Uint8Array, candidate: Candidate): Guess[] {
  const text = decodeStrictly(part, candidate.name);
  return text === undefined ? [] : [{ name: candidate.name, text, score: plausible(text, candidate) }];
}

/**
 * The lines of a text that are more than ASCII, as many as a guess needs: the rest reads the same in every encoding. A
 * line break is no part of another sign in any of them, so a line can be read alone.
 */
function telling(bytes: Uint8Array): { part: Uint8Array; all: boolean } {
  const parts: Uint8Array[] = [];
  let length = 0;
  let begun = 0;
  while (begun < bytes.length) {
    const found = bytes.indexOf(0x0a, begun);
    const end = found < 0 ? bytes.length : found + 1;
    const strange = firstStrange(bytes, begun, end);
    if (strange < end) {
      const line = bytes.subarray(Math.max(begun, strange - before), end);
      if (length + line.length > sample) {
        if (length === 0) parts.push(whole(line));
        return { part: Buffer.concat(parts), all: false };
      }
      parts.push(line);
      length += line.length;
    }
    begun = end;
  }
  return { part: Buffer.concat(parts), all: true };
}

function firstStrange(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] as number) < 0x80) at++;
  return at;
}

function strangeIn(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte >= 0x80) count++;
  return count;
}

/** The beginning of a long line, up to a blank if there is one, so that no sign is cut. */
function whole(line: Uint8Array): Uint8Array {
  const cut = line.subarray(0, sample);
  const blank = cut.lastIndexOf(0x20);
  return blank > sample / 2 ? cut.subarray(0, blank) : cut;
}

const decoders = new Map<string, TextDecoder>();

/** @returns undefined where a byte has no meaning in it */
export function decodeStrictly(bytes: Uint8Array, name: string): string | undefined {
  const decoder = decoders.get(name) ?? new TextDecoder(name);
  decoders.set(name, decoder);
  // The sign of replacement says the same as an exception, which costs more. Some tables map what they lack to a control
  // or to the area for private use.
  const text = decoder.decode(bytes);
  return /[\u0080-\u009f\ue000-\uf8ff\ufffd]/.test(text) ? undefined : text;
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
