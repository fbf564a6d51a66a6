import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { specificationIndex, specifications } from "./specifications.ts";

const page = `# 001 Ferry

## Goals
Boats leave on time, as [the list](../decisions/libraries.md#libraries-that-are-given) says.
## Users
## Architecture
## Wire contracts
## Success metrics
| metric | aim | measured | row |
| --- | --- | --- | --- |
| crossings an hour | 4 | 3.5 | [Crossings](../measurements.md#crossings): with wind |
| noise | below 40 dB | not measured | – |
## Risks
## Requirements
| requirement | where | tests | state |
| --- | --- | --- | --- |
| leaves on time | \`components/ferry.ts\` | "leaves at … o'clock" (\`tests/ferry.test.ts\`) | built |
| waits for bicycles | \`components/ferry.ts\` | – | in part: waits for ten at most |
| flies | – | – | not built |
`;
const tree = {
  "docs/prds/001-ferry.md": page,
  "docs/prds/README.md": "[Ferry](001-ferry.md)",
  "docs/prds/comparison.md": `## Measured in the same run\n${page.slice(page.indexOf("| metric"), page.indexOf("| noise"))}`,
  "docs/measurements.md": "## Crossings\n| sea | an hour |\n| --- | --- |\n| **with wind** | 3.5 |\n| calm | 5 |\n",
  "docs/decisions/libraries.md":
    "## Libraries that are given\n| library | where |\n| --- | --- |\n| `rope` | `components/ferry.ts` |\n",
  "components/ferry.ts": 'import "rope";',
  "tests/ferry.test.ts": "test(`leaves at $" + "{hour} o'clock`, leaves);",
};

const faults: [file: keyof typeof tree, from: string, to: string, finding: string][] = [
  ["docs/prds/001-ferry.md", "# 001", "# 002", 'does not begin with "# 001 "'],
  ["docs/prds/001-ferry.md", "## Risks", "## Worries", 'has no part "Risks"'],
  ["docs/prds/001-ferry.md", "libraries.md#", "books.md#", "links to ../decisions/books.md"],
  ["docs/prds/001-ferry.md", "#libraries-that", "#books-that", "which has no such heading"],
  ["docs/prds/001-ferry.md", '`components/ferry.ts` | "', '`components/boat.ts` | "', "names components/boat.ts"],
  ["docs/prds/001-ferry.md", "(`tests/ferry.test.ts`)", "(`tests/boat.test.ts`)", "names tests/boat.test.ts"],
  ["docs/prds/001-ferry.md", "leaves at …", "arrives at …", 'no test is called "arrives at … o\'clock"'],
  ["docs/prds/001-ferry.md", '"leaves at … o\'clock" (`tests/ferry.test.ts`)', "–", "is built, and no test shows it"],
  ["docs/prds/001-ferry.md", "o'clock\" (", "o'clock\" in (", "a test is"],
  ["docs/prds/001-ferry.md", "| built |", "| nearly built |", "has no known state: nearly built"],
  ["docs/prds/001-ferry.md", "in part: waits for ten at most", "in part", "has no known state: in part"],
  ["docs/prds/001-ferry.md", "| – | – | not built |", "| – | – | built |", "is built, and where is: –"],
  ["docs/prds/001-ferry.md", "| – | not built |", "| – | in part: hops |", "is in part: hops, and where is: –"],
  ["docs/prds/001-ferry.md", "): with wind", "): in fog", "has no row [Crossings]"],
  ["docs/prds/001-ferry.md", "| 3.5 |", "| 5 |", "5 is not what docs/measurements.md has in the row with wind"],
  ["docs/prds/001-ferry.md", "not measured | –", "not measured | calm", "is not measured, and names calm"],
  ["docs/prds/README.md", "(001-ferry.md)", "(../measurements.md)", "does not list 001-ferry.md"],
  ["docs/prds/README.md", "(001-ferry.md)", "(001-ferry.md) `tests/none.ts`", "README.md names tests/none.ts"],
  ["docs/prds/comparison.md", "| 3.5 |", "| 4 |", 'comparison.md: "crossings an hour": 4 is not what'],
  ["docs/decisions/libraries.md", "`rope`", "`chain`", "components/ferry.ts does not use chain"],
  ["docs/decisions/libraries.md", "`components/ferry.ts`", "`components/none.ts`", "names components/none.ts"],
];

test("specifications that say what is so are left alone, and their index counts what is built", () => {
  const root = plant(tree);
  expect(specifications(root)).toEqual([]);
  expect(specificationIndex(root)).toContain("| [001 Ferry](001-ferry.md) | 1 | 1 | 1 |");
});

test.each(faults)("in a specification that is not so a fault is found: %s, %j as %j", (file, from, to, finding) => {
  const text = tree[file].replace(from, to);
  expect(text).not.toBe(tree[file]);
  expect(specifications(plant({ ...tree, [file]: text })).join("\n")).toContain(finding);
});

function plant(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "devflow-specifications-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}
