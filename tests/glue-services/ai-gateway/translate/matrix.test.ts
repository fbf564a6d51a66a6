import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { cellOf, columns, features, translationTables } from "./matrix.ts";
import { answers } from "./matrix-answers.ts";

const clients = ["chat", "messages", "responses"] as const;

describe("the table of what passes between APIs", () => {
  test.each(clients)("has no cell in which something of a request of %s is lost", (client) => {
    for (const feature of features) {
      for (const column of columns) {
        expect([feature.name, column.title, cellOf(feature, client, column)]).not.toContain("lost");
      }
    }
  });

  test.each(clients)("has no cell in which something of an answer to %s is lost, whole or streamed", (client) => {
    for (const { name, cell } of answers) {
      for (const column of columns) expect([name, column.title, cell(client, column)]).not.toContain("lost");
    }
  });

  test("stands in the documentation as it is now", async () => {
    const page = await readFile(new URL("../../../../docs/ai-gateway.md", import.meta.url), "utf8");
    expect(page).toContain(translationTables());
  });
});
