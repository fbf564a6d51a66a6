import { describe, expect, test } from "vitest";
import { cut } from "../../../glue-services/knowledge/chunk/chunk.ts";
import { partsOf } from "../../../glue-services/knowledge/chunk/parts.ts";

const pieces = (content: string) => cut({ title: "T", content, form: "markdown" });

describe("what a piece says", () => {
  test("is its sentences, items, rows and comments, one at a time, and nothing where it says one thing", () => {
    const parts = (content: string, kind: "prose" | "code" | "table" = "prose") => partsOf({ kind, content });
    expect(parts("The otter sleeps on its back.")).toEqual([]);
    expect(parts("The otter sleeps on its back. It holds a stone! `npm ci` is run\nat night.")).toEqual([
      "The otter sleeps on its back.",
      "It holds a stone! `npm ci` is run at night.",
    ]);
    expect(parts("水獭仰着睡觉，抱着一块石头。夜里它们从来不下水去游泳。")).toEqual([
      "水獭仰着睡觉，抱着一块石头。",
      "夜里它们从来不下水去游泳。",
    ]);
    const rows = [
      "| name | what it is for |",
      "| --- | --- |",
      "| otters | sleep on their backs |",
      "| herons | wait in the reeds |",
    ];
    expect(parts(rows.join("\n"), "table")).toEqual([rows[0], rows[2], rows[3]]);
    const code =
      "/** Holds work back until there is room. */\nexport class Queue {}\n\n// Ends all that waits for ever.\nfunction end() {}";
    expect(parts(code, "code")).toEqual(expect.arrayContaining(["Holds work back until there is room."]));
    const long = Array.from({ length: 90 }, (_, at) => `thing number ${at}`).join(", ");
    expect(parts(long).every((part) => part.length <= 400)).toBe(true);
    expect(parts(long).join(" ")).toBe(long);
    expect(parts("a b. ".repeat(5000)).length).toBeLessThanOrEqual(24);
  });
});

describe("pieces of a page", () => {
  test("a page or section of nothing but headings is found by them", () => {
    expect(pieces("# Only a heading\n")).toMatchObject([{ content: "# Only a heading", lines: { first: 1, last: 1 } }]);
    const found = pieces("# A\n\n## B\n\n## C\n\ntext of c\n\nD\n---\n");
    expect(found.map(({ heading, content }) => [heading, content])).toEqual([
      ["T › A", "## B"],
      ["T › A › C", "text of c"],
      ["T › A", "D\n---"],
    ]);
  });

  test("no line with letters is lost, whatever the parser makes of it, and a long text is cut as a short one is", () => {
    const unit =
      '## H\n\ntext [x][y] of it\n\n[y]: http://example.com/address "title"\n\n<div>\nraw\n</div>\n\n```sh\n# no heading\n\nx\n```\n\n- one\n- two\n\n| a | b |\n| - | - |\n| c | d |\n\n> quoted\n\n    indented\n\n';
    for (const times of [1, 600]) {
      const text = unit.repeat(times);
      const told = pieces(text);
      const lines = new Set(told.flatMap(({ content }) => content.split("\n").map((line) => line.trim())));
      for (const line of new Set(unit.split("\n").map((one) => one.trim())))
        if (/[a-z]/.test(line) && line !== "## H") expect([line, lines.has(line)]).toEqual([line, true]);
      expect(told.every(({ heading }) => heading === "T › H")).toBe(true);
      const source = text.split("\n");
      for (const {
        content,
        lines: { first },
      } of told.slice(0, 50))
        expect(content).toContain(source[first - 1]?.trim());
    }
  });
});
