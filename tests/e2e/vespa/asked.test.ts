import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { dimensions, fieldsOf, typeOf } from "../../../glue-services/knowledge/index/vespa/document.ts";
import { queryOf, type VespaQuestion } from "../../../glue-services/knowledge/index/vespa/query.ts";
import { application, fetchJars, java } from "./jars.ts";

beforeAll(fetchJars);

const tenant = { organisation: randomUUID() };
const generation = { id: randomUUID(), model: "m", dimension: 384, state: "serving" as const, unrelated: null };

/** What Vespa's parsers made of each. */
async function read(asked: readonly object[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-vespa-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "lines");
  await writeFile(file, asked.map((one) => JSON.stringify(one)).join("\n"));
  const { stdout, stderr } = await java("Ask.java", application, file);
  const lines = stdout.trim().split("\n");
  expect(lines.length, stderr).toBe(asked.length);
  return lines;
}

function query(more: Partial<VespaQuestion>): { query: object } {
  const nothing = { words: "", must: [], never: [], filter: {}, limit: 8 };
  return { query: queryOf(tenant, { ...nothing, generation, languages: ["en", "de"], ...more }) };
}

test("Vespa's parser reads every query of the service, each of one organisation and one generation at its top", async () => {
  const vector = { generation, values: new Array<number>(384).fill(0.1) };
  const source = randomUUID();
  const lines = await read([
    query({ words: "wombat burrow", vector }),
    query({ words: "wombat" }),
    query({ vector }),
    query({ words: "", must: ["digs a burrow"] }),
    query({
      words: 'digBurrow -heron organisation:x "or" ) or (',
      never: ["reeds", "a wall"],
      filter: { sources: [source], kinds: ["code", "prose"], prefix: 'https://x/"a' },
    }),
  ]);
  const owned = `organisation:${tenant.organisation} generation:${generation.id}`;
  for (const line of lines) expect(line).toMatch(new RegExp(`^QUERY \\+?\\(?\\+?\\(?AND ${owned} `));
  expect(lines[0]).toMatch(
    /\(OR \(WEAKAND\(\d+\) default:wombat default:burrow\) .*NEAREST_NEIGHBOR \{field=embedding,/,
  );
  expect(lines[3]).toContain('default:"digs a burrow"');
  // Nothing of what was typed is read as Vespa's language.
  expect(lines[4]).toContain("default:organisation default:x default:or default:or)");
  expect(lines[4]).toContain(`STRING_IN source{"${source}"} STRING_IN kind{"code","prose"}`);
  expect(lines[4]).toMatch(/-\(OR default:reeds default:reeds\) -\(OR default:"a wall" default:"a wall"\)$/);
});

test("Vespa's reader takes every document of the service, and its selection", async () => {
  const passage = {
    ...{
      chunk: randomUUID(),
      source: randomUUID(),
      kind: "code",
      heading: "A\u0000 heading",
      content: "text\uFFFF \u0007",
    },
    ...{ identifiers: "dig burrow", language: "german", address: "https://example.com/a" },
  };
  const documents = dimensions.flatMap((dimension) =>
    [null, JSON.stringify(new Array(dimension).fill(-0.25))].map((vector) => ({
      document: { type: typeOf(dimension), id: "a.b", fields: fieldsOf(tenant, generation.id, { ...passage, vector }) },
    })),
  );
  // A reader that took anything would show nothing.
  const wrong = { document: { type: "chunk_384", id: "a", fields: { organisaton: "o" } } };
  const lines = await read([wrong, ...documents, { selection: `chunk_384.generation == "${generation.id}"` }]);
  expect(lines.filter((line) => line.startsWith("FAILED"))).toEqual([
    expect.stringContaining("No field 'organisaton'"),
  ]);
  expect(lines[2]).toContain("tensor<bfloat16>(x[384]):[-0.25, ");
});
