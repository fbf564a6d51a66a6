import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { ApiError } from "../../../../glue-services/kit/index.ts";
import { decode } from "../../../../glue-services/knowledge/read/encoding/decode.ts";
import { seeded } from "../../random.ts";
import { languages } from "./generated-text.ts";

function decoded(bytes: Uint8Array): string {
  try {
    return decode(bytes, { markup: false, name: "note.txt" }).text;
  } catch (error) {
    if (error instanceof ApiError) return "refused";
    throw error;
  }
}

test("texts that declare no encoding are decoded rightly or refused, in 10,000 generated cases of 15 languages, and never with signs of replacement", () => {
  const random = seeded(11);
  const refused = new Map<string, number>();
  const wrong: string[] = [];
  for (let at = 0; at < 10_000; at++) {
    const language = random.pick(languages);
    const encoding = random.pick(language.encodings);
    const text = language.text(random);
    const told = decoded(iconv.encode(text, encoding));
    if (told === "refused") refused.set(encoding, (refused.get(encoding) ?? 0) + 1);
    else if (told !== text) wrong.push(`${encoding}: ${text.slice(0, 60)} → ${told.slice(0, 60)}`);
  }
  expect(wrong).toEqual([]);
  expect([...refused.values()].reduce((sum, one) => sum + one, 0)).toBeLessThan(500);
});
