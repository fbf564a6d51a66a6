import { describe, expect, it } from "vitest";
import { collected, exactly } from "../../../glue-services/backup/bytes.ts";
import { seal, unseal } from "../../../glue-services/backup/seal.ts";
import { wholeNumbers } from "../../seeded.ts";

async function* pieces(all: Buffer, random: (limit: number) => number): AsyncGenerator<Buffer> {
  for (let at = 0; at < all.length; ) {
    const next = at + 1 + random(400_000);
    yield all.subarray(at, next);
    at = next;
  }
}

function bytes(length: number, random: (limit: number) => number): Buffer {
  return Buffer.alloc(length, Buffer.from(Array.from({ length: 997 }, () => random(256))));
}

describe("an encrypted copy", () => {
  it("opens to the same bytes, whatever its length and however they came", async () => {
    const random = wholeNumbers(7);
    const mebibyte = 2 ** 20;
    for (const length of [0, 1, 997, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 2 * mebibyte + random(5000)]) {
      const all = bytes(length, random);
      const sealed = await collected(seal(pieces(all, random), "a passphrase"));
      expect(sealed.includes(all.subarray(0, 997)) && length > 100).toBe(false);
      const opened = await collected(unseal(pieces(sealed, random), "a passphrase"));
      expect(opened.equals(all), `${length} bytes`).toBe(true);
    }
  });

  it("opens for no other key, and neither when it was changed, cut off, put in another order nor made longer", async () => {
    const random = wholeNumbers(11);
    const sealed = await collected(seal(pieces(bytes(3 * 2 ** 20 + 5, random), random), "right"));
    const opens = (what: Buffer, passphrase = "right") => collected(unseal(pieces(what, random), passphrase));
    await expect(opens(sealed, "wrong")).rejects.toThrow("does not open");
    const piece = 16 + 2 ** 20;
    const head = sealed.subarray(0, 48);
    const [one, two, rest] = [
      sealed.subarray(48, 48 + piece),
      sealed.subarray(48 + piece, 48 + 2 * piece),
      sealed.subarray(48 + 2 * piece),
    ];
    const broken = {
      reordered: Buffer.concat([head, two, one, rest]),
      shortened: Buffer.concat([head, one, two]),
      leftOut: Buffer.concat([head, one, rest]),
      longer: Buffer.concat([sealed, rest]),
      headOnly: head,
      plain: Buffer.from("a copy that was never encrypted, by its first bytes"),
      empty: Buffer.alloc(0),
    };
    for (const [how, what] of Object.entries(broken)) await expect(opens(what), how).rejects.toThrow();
    for (let turn = 0; turn < 8; turn++) {
      const changed = Buffer.from(sealed);
      const at = random(changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 + random(255));
      await expect(opens(changed), `byte ${at}`).rejects.toThrow();
    }
  });

  it("comes in pieces of one length, but for the first and the last", async () => {
    const random = wholeNumbers(3);
    const all = bytes(100_000, random);
    const lengths: number[] = [];
    for await (const piece of exactly(pieces(all, random), 4096, 100)) lengths.push(piece.length);
    expect(lengths.slice(0, 2)).toEqual([100, 4096]);
    expect(new Set(lengths.slice(1, -1))).toEqual(new Set([4096]));
    expect(lengths.reduce((sum, one) => sum + one, 0)).toBe(all.length);
  });
});
