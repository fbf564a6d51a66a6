import { expect, test } from "vitest";
import { fencesOf, withoutFences } from "../../../../glue-services/dashboard/web/src/pages/knowledge/fences.ts";

test("lines that only fence code are left out of a passage, and nothing else", () => {
  const text = "Fire it.\n\n```ts\nawait fire({ degrees: 1240 });\n```\n\n~~~\nx ```` y\n~~~";
  expect(withoutFences(text)).toBe("Fire it.\n\nawait fire({ degrees: 1240 });\n\nx ```` y");
  expect(fencesOf(text).map(([from, to]) => text.slice(from, to))).toEqual(["```ts\n", "```\n", "~~~\n", "~~~"]);
  for (const plain of ["", "a `b` c", "use ``` in a line", "```not a fence at all```"])
    expect(withoutFences(plain)).toBe(plain);
});
