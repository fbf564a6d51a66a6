import type { PieceTable } from "./weights.ts";

/** Marks the beginning of a word (SentencePiece). */
const mark = "\u2581";

/**
 * Cuts a text into the model's pieces of words: the cut whose pieces are the most likely together (SentencePiece's
 * unigram model, Viterbi's algorithm). The table is searched by the pieces' bytes, since as strings its 250,000 pieces
 * would take more memory than the rest of the model.
 */
export function openPieces(table: PieceTable): { encode(text: string): number[] } {
  const { offsets, scores, bytes, normal, unknown } = table;
  const count = scores.length;
  const bits = Math.ceil(Math.log2(count * 2));
  const size = 2 ** bits - 1;
  const slots = new Int32Array(size + 1);
  let longest = 1;
  let lowest = 0;
  for (let piece = 0; piece < count; piece++) {
    const [from, to] = [offsets[piece] as number, offsets[piece + 1] as number];
    longest = Math.max(longest, to - from);
    lowest = Math.min(lowest, scores[piece] as number);
    let slot = hash(bytes, from, to) & size;
    while (slots[slot]) slot = (slot + 1) & size;
    slots[slot] = piece + 1;
  }

  return {
    encode(text) {
      const input = Buffer.from(normalised(text));
      const starts: number[] = [];
      for (let at = 0; at < input.length; at++) if (((input[at] as number) & 0xc0) !== 0x80) starts.push(at);
      const characters = starts.length;
      starts.push(input.length);
      const best = new Float64Array(characters + 1).fill(Number.NEGATIVE_INFINITY);
      const piece = new Int32Array(characters + 1);
      const before = new Int32Array(characters + 1);
      best[0] = 0;
      for (let from = 0; from < characters; from++) {
        const begin = starts[from] as number;
        const offer = (to: number, token: number, score: number) => {
          if (score <= (best[to] as number)) return;
          best[to] = score;
          piece[to] = token;
          before[to] = from;
        };
        let value = seed;
        let at = begin;
        for (let to = from + 1; to <= characters && (starts[to] as number) - begin <= longest; to++) {
          for (const end = starts[to] as number; at < end; at++) value = mixed(value, input[at] as number);
          const token = find(input, begin, at, value);
          if (token >= 0 && token !== unknown) offer(to, token, (best[from] as number) + (scores[token] as number));
        }
        offer(from + 1, unknown, (best[from] as number) + lowest - 10);
      }
      const tokens: number[] = [];
      for (let at = characters; at > 0; at = before[at] as number) tokens.push(piece[at] as number);
      return tokens.reverse();
    },
  };

  function normalised(text: string): string {
    let result = "";
    for (const character of text) result += normal.get(character.codePointAt(0) as number) ?? character;
    const words = result.replace(/ {2,}/g, " ");
    return (words.startsWith(" ") ? words : ` ${words}`).replaceAll(" ", mark);
  }

  function find(input: Buffer, from: number, to: number, value: number): number {
    for (let slot = value & size; slots[slot]; slot = (slot + 1) & size) {
      const found = (slots[slot] as number) - 1;
      const begin = offsets[found] as number;
      if ((offsets[found + 1] as number) - begin === to - from && same(input, from, to, begin)) return found;
    }
    return -1;
  }

  function same(input: Buffer, from: number, to: number, begin: number): boolean {
    for (let at = from; at < to; at++) if (input[at] !== bytes[begin + at - from]) return false;
    return true;
  }
}

/** FNV-1a of 32 bits. */
const seed = 0x811c9dc5 | 0;

function mixed(value: number, byte: number): number {
  return Math.imul(value ^ byte, 0x01000193);
}

function hash(bytes: Buffer, from: number, to: number): number {
  let value = seed;
  for (let at = from; at < to; at++) value = mixed(value, bytes[at] as number);
  return value;
}
