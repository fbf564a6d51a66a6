import { ApiError } from "../../../kit/api-error.ts";
import { decodeStrictly, guess } from "./guess.ts";

export interface Decoded {
  text: string;
  /** What whoever gave the text should know: the encoding was guessed, or bytes were lost. */
  note?: string;
}

export interface Declared {
  /** Of the content type. */
  charset?: string | undefined;
  /** HTML and XML say their own encoding. */
  markup: boolean;
  name: string;
}

/**
 * Bytes as text: by their mark, by what is declared, as UTF-8, else as the encoding in which they read like a language.
 * Nothing is decoded in part without a note.
 *
 * @throws ApiError INVALID when no encoding fits
 */
export function decode(bytes: Uint8Array, { charset, markup, name }: Declared): Decoded {
  const marked = byMark(bytes);
  if (marked) return clear(marked, bytes, name);
  for (const label of [charset, ...(markup ? inMarkup(bytes) : [])]) {
    const known = label && knownLabel(label);
    if (!known) continue;
    const text = strictly(bytes, known);
    if (text !== undefined) return { text };
  }
  const utf8 = strictly(bytes, "utf-8");
  if (utf8 !== undefined && !(utf8.includes("\u001b$B") || utf8.includes("\u001b$@")) && !isWide(bytes))
    return { text: utf8 };
  for (const seen of [isWide(bytes), utf8 !== undefined ? "iso-2022-jp" : undefined]) {
    const text = seen && strictly(bytes, seen);
    if (text) return { text };
  }
  if (utf8 !== undefined) return { text: utf8 };
  const mostly = mostlyUtf8(bytes);
  if (mostly) return mostly;
  const guessed = guess(bytes);
  if (guessed) {
    return { text: guessed.text, note: `It says nothing of its encoding and was read as ${guessed.name}.` };
  }
  throw new ApiError("INVALID", `The encoding of ${name} could not be told.`, { hint: "Save it as UTF-8." });
}

function byMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

/** With a mark there is no other encoding to try: what is broken in it is counted. */
function clear(encoding: string, bytes: Uint8Array, name: string): Decoded {
  const text = new TextDecoder(encoding).decode(bytes);
  const lost = countOf(text, "\ufffd");
  if (lost > text.length / 10) {
    throw new ApiError("INVALID", `${name} begins like ${encoding.toUpperCase()} and is none.`, {
      hint: "Save it as UTF-8.",
    });
  }
  return lost > 0 && strictly(bytes, encoding) === undefined ? { text, note: broken(lost, encoding) } : { text };
}

/** UTF-8 with a few broken bytes, as logs have them. */
function mostlyUtf8(bytes: Uint8Array): Decoded | undefined {
  const text = new TextDecoder("utf-8").decode(bytes);
  const lost = countOf(text, "\ufffd");
  let whole = -lost;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Of a pair of code units the second does not count.
    if (code > 0x7f && !(code >= 0xdc00 && code < 0xe000)) whole++;
  }
  // Two bytes of another encoding seldom make a sign of UTF-8: many that do are no accident.
  return whole >= 8 && whole > lost * 4 ? { text, note: broken(lost, "utf-8") } : undefined;
}

function countOf(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) count++;
  return count;
}

function broken(count: number, encoding: string): string {
  return `${count} ${count === 1 ? "place is" : "places are"} no valid ${encoding.toUpperCase()} and could not be read.`;
}

/** UTF-16 without a mark: every second byte of the ASCII in it, spaces and ends of lines at least, is zero. */
export function isWide(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined;
  const part = bytes.subarray(0, 8192);
  const zeros = [0, 0];
  let pairs = 0;
  for (let at = 0; at + 1 < part.length; at += 2) {
    pairs++;
    if (part[at] === 0 && part[at + 1] === 0) return undefined;
    if (part[at] === 0) zeros[0] = (zeros[0] ?? 0) + 1;
    if (part[at + 1] === 0) zeros[1] = (zeros[1] ?? 0) + 1;
  }
  const [big = 0, little = 0] = zeros;
  if (Math.max(big, little) === 0 || Math.min(big, little) > Math.max(big, little) / 10) return undefined;
  const name = little > big ? "utf-16le" : "utf-16be";
  const text = decodeStrictly(part.subarray(0, part.length - (part.length % 2)), name);
  // Text and no numbers: letters, blanks and signs of few scripts.
  const fine = text?.match(/[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{S}\n\r\t]/gu)?.length ?? 0;
  return fine >= pairs * 0.95 ? name : undefined;
}

function strictly(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function knownLabel(label: string): string | undefined {
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch {
    return undefined;
  }
}

function inMarkup(bytes: Uint8Array): string[] {
  const start = Buffer.from(bytes.subarray(0, 4096)).toString("latin1");
  const meta = /<meta[^>]{1,200}charset\s*=\s*["']?\s*([\w:-]{2,40})/i.exec(start)?.[1];
  const xml = /^\s*<\?xml[^>]{1,200}encoding\s*=\s*["']([\w:-]{2,40})/i.exec(start)?.[1];
  // A page that can be read as far as this is in no UTF-16, whatever it says.
  return [meta, xml].flatMap((one) => (one && !/^utf-?16/i.test(one) ? [one] : []));
}
