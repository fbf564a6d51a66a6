import { expect, test } from "vitest";
import { fitsWildcard, type WildcardOptions } from "../../../glue-services/kit/index.ts";
import { seeded } from "../random.ts";

/** What a pattern means, by its definition: slow and plain. */
function oracle(pattern: string, text: string, { prefix = false, one = false }: WildcardOptions): boolean {
  if (pattern === "") return prefix || text === "";
  const rest = pattern.slice(1);
  if (pattern[0] === "*") {
    return Array.from({ length: text.length + 1 }, (_, at) => text.slice(at)).some((end) =>
      oracle(rest, end, { prefix, one }),
    );
  }
  if (text === "" || (pattern[0] !== text[0] && !(one && pattern[0] === "?"))) return false;
  return oracle(rest, text.slice(1), { prefix, one });
}

test("a pattern with wildcards fits what its definition says, in 20,000 generated cases of each form", () => {
  const random = seeded(7);
  const text = (letters: string, most: number) =>
    Array.from({ length: random.below(most) }, () => random.pick(letters)).join("");
  for (let at = 0; at < 20_000; at++) {
    const [pattern, subject] = [text("ab/*?", 9), text("ab/?", 9)];
    for (const options of [{}, { prefix: true }, { one: true }, { prefix: true, one: true }]) {
      expect([pattern, subject, options, fitsWildcard(pattern, subject, options)]).toEqual([
        pattern,
        subject,
        options,
        oracle(pattern, subject, options),
      ]);
    }
  }
});

test("one character of a pattern is one character of a text in any script", () => {
  for (const character of ["a", "é", "中", "😀"]) {
    expect(fitsWildcard("x?y", `x${character}y`, { one: true })).toBe(true);
    expect(fitsWildcard("x??y", `x${character}y`, { one: true })).toBe(false);
  }
});
