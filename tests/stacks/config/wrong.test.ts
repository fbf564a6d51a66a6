import { describe, expect, test } from "vitest";
import { ConfigInvalid, leaves, type Problem, parseAnswers, resolveSettings } from "../../../stacks/config/index.ts";
import type { Leaf, SchemaNode } from "../../../stacks/config/paths.ts";
import { schemaAt } from "../../../stacks/config/paths.ts";

/** A file with a setting at a known place. */
function fileWith(
  path: string,
  value: string,
  key = path.split(".").at(-1),
): { text: string; line: number; column: number } {
  const keys = path.split(".");
  const sections = keys.slice(0, -1).map((name, depth) => `${"  ".repeat(depth)}${name}:`);
  const indent = "  ".repeat(keys.length - 1);
  const lines = ["# answers of a test", "", ...sections, `${indent}${key}: ${value} # remark`];
  return { text: `${lines.join("\n")}\n`, line: lines.length, column: indent.length + 1 };
}

function problemsOf(text: string): Problem[] {
  try {
    resolveSettings({ answers: parseAnswers(text, "wrong.yaml"), user: "ada" });
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
  return [];
}

/** Values, as YAML, that the schema refuses, with what they are read as. */
function wrongValues(schema: SchemaNode): [string, unknown][] {
  const never: [string, unknown][] = [["null", null]];
  if (schema.const !== undefined) return [["2", 2], ['"1"', "1"], ...never];
  if (schema.enum) return [[`${schema.enum[0]}x`, `${schema.enum[0]}x`], ["7", 7], ...never];
  if (schema.type === "boolean") return [["perhaps", "perhaps"], ["yes", "yes"], ["1", 1], ...never];
  if (schema.type === "integer") {
    const { minimum = 0, maximum = 0 } = schema;
    return [
      ["many", "many"],
      [String(minimum - 1), minimum - 1],
      [String(maximum + 1), maximum + 1],
      [`${minimum}.5`, minimum + 0.5],
      ...never,
    ];
  }
  if (schema.type === "array") return [["text", "text"], ["{}", {}], ...never];
  return [
    ["5", 5],
    ["[a]", ["a"]],
    ["''", ""],
    ...(schema["x-path"] || schema.minLength ? [] : [["' no '", " no "] as [string, unknown]]),
    ...never,
  ];
}

function swapped(key: string): string {
  return key.length < 3 ? `${key}x` : `${key.slice(0, 1)}${key[2]}${key[1]}${key.slice(3)}`;
}

describe.each(leaves.map((leaf): [string, Leaf] => [leaf.path, leaf]))("a wrong answer for %s", (path, { schema }) => {
  test.each(wrongValues(schema))(
    `refuses ${path}: %s with file, line, column, value and what is allowed`,
    (yaml, value) => {
      const { text, line, column } = fileWith(path, yaml);
      const problems = problemsOf(text);
      expect(problems).toHaveLength(1);
      const key = path.split(".").at(-1) ?? "";
      expect(problems[0]).toMatchObject({ file: "wrong.yaml", line, column: column + key.length + 2, path, value });
      expect(problems[0]?.allowed).toBeTruthy();
      expect(problems[0]?.message).toContain(path);
      expect(problems[0]?.message).toContain(problems[0]?.allowed);
    },
  );

  test(`names ${path} for a typo of its key`, () => {
    const key = path.split(".").at(-1) ?? "";
    const typo = swapped(key) === key ? `${key}x` : swapped(key);
    const { text, line, column } = fileWith(path, "x", typo);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: "wrong.yaml", line, column, value: "x", suggestion: path });
    expect(problems[0]?.message).toContain(`did you mean ${path}?`);
  });

  if (schema.enum) {
    test.each(schema.enum.map(String))(`suggests ${path}: %s for a typo of it`, (value) => {
      const { text } = fileWith(path, `${value.slice(0, -1)}${value.at(-1)}${value.at(-1)}`);
      expect(problemsOf(text)[0]).toMatchObject({ path, suggestion: value });
    });
  }
});

describe("a wrong model provider", () => {
  const fields = Object.keys(schemaAt(["models", "providers", 0])?.properties ?? {});
  const right: Record<string, string> = {
    name: "a",
    kind: "openai",
    baseUrl: "https://models.example.com",
    key: "env:KEY",
  };

  test.each(fields)("refuses a wrong %s in its line", (field) => {
    const lines = [
      "models:",
      "  providers:",
      "    -",
      ...fields.map((f) => `      ${f}: ${f === field ? "'b c'" : right[f]}`),
    ];
    const problems = problemsOf(lines.join("\n"));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      line: lines.findIndex((line) => line.includes("b c")) + 1,
      column: 7 + field.length + 2,
      path: `models.providers[0].${field}`,
    });
  });

  test("refuses a literal key without showing it", () => {
    const secret = "sk-proj-4f9Qz0Aq7Lw2";
    const problems = problemsOf(
      `models:\n  providers:\n    - {name: a, kind: openai, key: ${secret}}\n    - {name: b, kind: openai, apiKey: ${secret}}\n`,
    );
    expect(problems.map(({ path }) => path)).toEqual(["models.providers[0].key", "models.providers[1].apiKey"]);
    expect(problems[0]?.message).toContain("never the key itself");
    expect(problems[0]?.value).toBe("*** (20 characters)");
    expect(JSON.stringify(problems)).not.toContain("4f9Qz0");
  });

  test("says which field is missing", () => {
    expect(problemsOf("models:\n  providers:\n    - name: a\n")[0]).toMatchObject({
      path: "models.providers[0].kind",
      line: 3,
      value: undefined,
    });
  });
});

test("tells every problem at once, sorted by line", () => {
  const problems = problemsOf("version: 3\nnetwrok: {}\nnetwork:\n  port: 99999\n  tls: atuo\nport: 4400\n");
  expect(problems.map(({ line, path, suggestion }) => [line, path, suggestion])).toEqual([
    [1, "version", undefined],
    [2, "netwrok", "network"],
    [4, "network.port", undefined],
    [5, "network.tls", "auto"],
    [6, "port", "network.port"],
  ]);
});

test("words its errors as the documentation shows them", () => {
  const text = "version: 1\nprofile: standrad\nnetwrok: {}\n";
  expect(() => resolveSettings({ answers: parseAnswers(text, "devflow.yaml"), user: "ada" })).toThrow(
    `The configuration has 2 errors.
  devflow.yaml:2:10  profile is "standrad", but must be one of minimal, standard, full; did you mean standard?
  devflow.yaml:3:1  netwrok is no setting; did you mean network?`,
  );
});

test("a message of very many problems stays readable", () => {
  const text = Array.from({ length: 400 }, (_, index) => `unknown${index}: 1`).join("\n");
  const error = (() => {
    try {
      resolveSettings({ answers: parseAnswers(text, "many.yaml"), user: "ada" });
    } catch (caught) {
      return caught as ConfigInvalid;
    }
    return undefined;
  })();
  expect(error?.problems).toHaveLength(400);
  expect(error?.message.split("\n")).toHaveLength(52);
  expect(error?.message).toContain("and 350 more");
});
