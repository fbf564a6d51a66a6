import { type Answers, leaves, resolveLeniently, unflatten } from "../../stacks/config/index.ts";
import { seeded } from "../seeded.ts";

/** Valid answers, different for every seed: some settings, each with a random allowed value. */
export function randomAnswers(seed: number): Answers {
  const random = seeded(seed);
  const chosen = leaves
    .filter(() => random() < 0.4)
    .map(({ path, schema }) => [path, valueFor(path, schema, random)] as const);
  const answers = unflatten(chosen);
  const { problems } = resolveLeniently({ flags: Object.fromEntries(chosen) });
  // Rules over several settings refuse some combinations; the next seed may be luckier.
  return problems.length === 0 ? (answers as Answers) : randomAnswers(seed + 10_000);
}

const awkward = [
  "yes",
  "null",
  "5",
  "1e3",
  "# no comment",
  "a: b",
  "- a",
  "'",
  '"',
  "é ü 漢字 🙂",
  "{}",
  "*a",
  "&a",
  "!tag",
  "%",
  "@",
  "a\\n",
  "|",
  ">",
  "~",
  "0x1f",
  "2026-01-01",
  "Ltd. #1",
];

function valueFor(path: string, schema: (typeof leaves)[number]["schema"], random: () => number): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  if (path === "organisation.name") return pick(awkward);
  if (path === "artifacts.offline") return `/srv/${pick(awkward).replaceAll("/", "")}`;
  if (path === "models.providers") {
    return ["openai", "anthropic", "google"]
      .filter(() => random() < 0.5)
      .map((kind, index) => ({
        name: `p${index}`,
        kind,
        ...(random() < 0.5 ? { key: `env:KEY_${index}` } : {}),
        ...(random() < 0.5 ? { baseUrl: "https://models.example.com/v1?a=b#c" } : {}),
      }));
  }
  if (schema.enum) return pick(schema.enum);
  if (schema.type === "boolean") return random() < 0.5;
  if (schema.type === "integer") {
    const { minimum = 0, maximum = 100 } = schema;
    return minimum + Math.floor(random() * (maximum - minimum + 1));
  }
  return pick(schema.examples ?? []);
}
