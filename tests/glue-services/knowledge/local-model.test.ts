import { describe, expect, test } from "vitest";
import { localModel, startHub } from "./knowledge.ts";

/** Lines of a log, rows of a table and a letter: texts that are alike and near to any question. */
const log = Array.from(
  { length: 24 },
  (_, at) =>
    `2026-03-01T08:${String(at).padStart(2, "0")}:11Z INFO worker=${at} finished batch ${at * 7} in ${at + 20} ms`,
).join("\n");
const table = `id,name,amount\n${Array.from({ length: 24 }, (_, at) => `${at},customer-${at},${at * 31}`).join("\n")}`;
const rare: Record<string, string> = {
  tamarind: "The sauce is made of tamarind, salt and a little sugar.",
  persimmon: "A persimmon is ripe when it is as soft as a tomato.",
  longan: "Dried longan is kept in a tin, away from the light.",
  guava: "The guava tree in the yard is cut back in February.",
  Маяк: "Маяк на северном мысу включают за час до заката.",
};

describe("search with the local model", () => {
  test("rare words, plain questions and questions about nothing there are answered rightly among logs, tables and letters", async () => {
    const hub = await startHub({ gateway: await localModel() });
    const { id } = await hub.upload("log.txt", log, { media: "text/plain" });
    const more: [string, string][] = [
      ["table.csv", table],
      ["letter.txt", "a".repeat(20_000)],
      [
        "pages.md",
        "# Pages\n\n## One\n\nThe keeper of page one eats smoked herring on Fridays.\n\n## Two\n\nThe keeper of page two sings.",
      ],
      [
        "fences.md",
        "# Fences\n\n```js\nconst page = 1;\nconst eat = () => keeper(page);\n```\n\nWhat is in a fence is code.",
      ],
      [
        "notes.md",
        `# Notes\n\n${Object.values(rare)
          .map((text, at) => `## Note ${at}\n\n${text}`)
          .join("\n\n")}`,
      ],
    ];
    for (const [name, text] of more) await hub.upload(name, text, { source: id });
    await hub.settled(id);
    await expect
      .poll(
        async () => (await hub.owner.query("select from knowledge.generation where unrelated is not null")).rowCount,
      )
      .toBe(1);
    for (const [word, text] of Object.entries(rare)) {
      const [first] = await hub.hits(word);
      expect([word, first?.content]).toEqual([word, text]);
    }
    const [keeper] = await hub.hits("What does the keeper of page one eat?");
    expect(keeper?.content).toContain("smoked herring");
    const [meant] = await hub.hits("Когда зажигают огонь на башне у моря?");
    expect(meant?.content).toBe(rare.Маяк);
    const nonsense = [
      "Wann wurde die Brücke von Avignon gebaut?",
      "小猫为什么不肯洗澡？",
      "¿Cuántos planetas hay en el sistema solar?",
      "sdkfjh wblorp weiruy",
      "лывоарп ыждл фыва",
    ];
    for (const q of nonsense) {
      expect([q, await hub.search(q)]).toEqual([
        q,
        { hits: [], note: expect.stringContaining("Nothing here"), vectorsUsed: true },
      ]);
      // No model of language is asked: there is none, and its absence would be told.
      const answer = await hub.ask("POST", "/ask", { question: q });
      expect([q, answer]).toEqual([q, expect.objectContaining({ answered: false, citations: [] })]);
    }
    expect((await hub.search(nonsense[0] as string, { mode: "vector" })).hits.length).toBeGreaterThan(0);
  });
});
