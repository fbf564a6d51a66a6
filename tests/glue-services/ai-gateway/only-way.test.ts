import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const glue = join(root, "glue-services");

/** What only the gateway may have: hosts of providers, names of their keys, their client libraries. */
const theirs: readonly (readonly [RegExp, string])[] = [
  [
    /api\.openai\.com|\.openai\.azure\.com|api\.anthropic\.com|generativelanguage\.googleapis|aiplatform\.googleapis|bedrock-runtime|api\.mistral\.ai|api\.groq\.com|api\.deepseek\.com|api\.x\.ai|api\.cohere\.|openrouter\.ai|api\.together\.|huggingface\.co\/(?:api|models)/,
    "the address of a provider",
  ],
  [
    /\b(?:OPENAI|ANTHROPIC|GEMINI|GOOGLE_GENERATIVE_AI|MISTRAL|GROQ|COHERE|TOGETHER|OPENROUTER|DEEPSEEK|XAI|AZURE_OPENAI)_(?:API_)?KEY\b/,
    "the name of a provider's key",
  ],
  [/\b(?:AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY)\b|aws4fetch/, "a key for Bedrock"],
  [
    /from "(?:openai|@anthropic-ai\/|@google\/gen|@ai-sdk\/|ai"|@aws-sdk\/client-bedrock|cohere-ai|@mistralai\/|ollama|@huggingface\/(?!tokenizers))/,
    "the client of a provider",
  ],
];

test("no service but the gateway holds a provider's key or speaks to a provider", () => {
  const found: string[] = [];
  for (const entry of readdirSync(glue, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (!entry.isFile() || !/\.(ts|tsx)$/.test(file) || file.startsWith("glue-services/ai-gateway/")) continue;
    // The dashboard shows examples of names and addresses; its pages are no service.
    const shown = file.startsWith("glue-services/dashboard/web/");
    // The playground's code to copy speaks to the gateway with these clients; it runs elsewhere.
    if (file === "glue-services/dashboard/web/src/pages/hub/code-of.ts") continue;
    // Copies go to buckets, which are signed for as Bedrock is.
    const buckets = file.startsWith("glue-services/backup/stores/");
    const text = readFileSync(join(root, file), "utf8");
    for (const [pattern, what] of theirs) {
      if (buckets && what === "a key for Bedrock") continue;
      if (shown && what !== "the client of a provider") continue;
      if (pattern.test(text)) found.push(`${file} has ${what}`);
    }
  }
  expect(found).toEqual([]);
});

test("other services import of the gateway its contract alone", () => {
  const found: string[] = [];
  for (const entry of readdirSync(glue, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name).slice(root.length + 1);
    // The list of all declarations is made of them.
    const owns = /^glue-services\/(ai-gateway\/|host\/|dashboard\/web\/|declared\.ts$)/.test(file);
    if (!entry.isFile() || !/\.tsx?$/.test(file) || owns) continue;
    for (const [, path] of readFileSync(join(root, file), "utf8").matchAll(/from "([^"]*\/ai-gateway\/[^"]+)"/g)) {
      if (!path?.endsWith("/ai-gateway/contract.ts")) found.push(`${file} imports ${path}`);
    }
  }
  expect(found).toEqual([]);
});

test("every code of the gateway's errors is in its documentation", () => {
  const page = readFileSync(join(root, "docs/ai-gateway.md"), "utf8");
  const codes = new Set<string>();
  for (const entry of readdirSync(join(glue, "ai-gateway"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
    for (const [, code] of text.matchAll(/CallError\(\s*(?:\d{3}|status),\s*"([a-z_]+)"/g)) codes.add(String(code));
  }
  expect(codes.size).toBeGreaterThan(15);
  expect([...codes].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
