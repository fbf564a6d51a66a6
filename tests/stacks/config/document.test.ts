import { expect, test } from "vitest";
import { ConfigInvalid, parseAnswers, resolveSettings, sizeLimit } from "../../../stacks/config/index.ts";

function refusal(content: string | Uint8Array): {
  line: number | undefined;
  column: number | undefined;
  message: string;
} {
  try {
    parseAnswers(content, "devflow.yaml");
  } catch (error) {
    if (error instanceof ConfigInvalid && error.problems[0]) return error.problems[0];
    throw error;
  }
  throw new Error("it was accepted");
}

test.each([
  ["an unclosed list", "version: 1\nmodels: {providers: [", 2],
  ["a tab as indentation", "network:\n\tport: 4400\n", 2],
  ["a key given twice", "profile: full\nversion: 1\nprofile: minimal\n", 3],
  ["two documents", "version: 1\n---\nversion: 1\n", 2],
  ["an unknown tag", "version: 1\nprofile: !!js/function full\n", 2],
  ["an alias without anchor", "version: 1\nprofile: *none\n", 2],
])("a syntax error is named by line: %s", (_, text, line) => {
  const { line: found, column, message } = refusal(text);
  expect(found).toBe(line);
  expect(column).toBeGreaterThan(0);
  expect(message).toMatch(/YAML/);
});

test("every syntax error is told at once", () => {
  try {
    parseAnswers("profile: full\nprofile: full\nprofile: full\n", "twice.yaml");
    throw new Error("it was accepted");
  } catch (error) {
    expect((error as ConfigInvalid).problems.map(({ line }) => line)).toEqual([2, 3]);
  }
});

test.each([
  ["an empty file", "", "empty"],
  ["a file of spaces", " \n\n", "empty"],
  ["a list", "- profile\n", "map of settings"],
  ["plain text", "standard\n", "map of settings"],
  ["NUL bytes", "profile: full\0", "binary"],
  ["bytes that are no UTF-8", new Uint8Array([0x70, 0x3a, 0x20, 0xff, 0xfe]), "binary"],
  ["a huge file", `# ${"x".repeat(sizeLimit)}`, "at most 1048576"],
])("refuses %s", (_, content, words) => {
  expect(refusal(content).message).toContain(words);
});

test("aliases that multiply are refused quickly", () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) =>
      `a${n}: &a${n} [${Array(9)
        .fill(n === 0 ? "x" : `*a${n - 1}`)
        .join(", ")}]`,
  );
  expect(refusal(levels.join("\n")).message).toContain("alias");
});

test("very deep nesting is refused, not a crash", () => {
  expect(refusal(`models: ${"[".repeat(60_000)}`).message).toBeTruthy();
  expect(refusal(`models: ${"{a: ".repeat(20_000)}1${"}".repeat(20_000)}`).message).toBeTruthy();
});

test("a plain anchor and its alias are read, with the alias's own place for errors", () => {
  const text = "organisation:\n  name: &name Example\n  administrator: {name: ada, email: *name}\n";
  const answers = parseAnswers(text, "devflow.yaml");
  expect(() => resolveSettings({ answers })).toThrow("devflow.yaml:3:37  organisation.administrator.email");
});

test("comments alone, and sections whose settings are all commented out, say nothing", () => {
  const text = "# profile: full\nnetwork:\n  # port: 1\nsecrets:\n  onepassword:\n";
  expect(parseAnswers("# profile: full\n", "a.yaml").value).toEqual({});
  expect(parseAnswers(text, "a.yaml").value).toEqual({ secrets: {} });
  expect(resolveSettings({ answers: parseAnswers(text, "a.yaml") }).settings.network.port).toBe(4400);
});

test("keys of JavaScript objects are no settings", () => {
  for (const key of ["__proto__", "constructor", "toString"]) {
    const answers = parseAnswers(`network:\n  ${key}: {port: 1}\n`, "a.yaml");
    expect(() => resolveSettings({ answers })).toThrow(`network.${key} is no setting`);
  }
});

test("a secret in a broken file is not shown", () => {
  const secret = "sk-ant-0123456789abcdef";
  for (const text of [
    `OPENAI_API_KEY=${secret}`,
    `profile: [${secret}`,
    `profile: ${secret}: ${secret}`,
    `"${secret}": 1\n`,
  ]) {
    try {
      resolveSettings({ answers: parseAnswers(text, "a.yaml") });
      throw new Error("it was accepted");
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigInvalid);
      expect(JSON.stringify((error as ConfigInvalid).problems) + (error as Error).message).not.toContain("0123456789");
    }
  }
});
