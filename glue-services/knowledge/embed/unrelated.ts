import type { Database, Tenant } from "../../kit/index.ts";
import type { Embeddings } from "./embeddings.ts";
import type { Generation } from "./generation.ts";

/** Questions, and passages that answer none of them. */
const questions = [
  "How long do the eggs have to be boiled?",
  "Wer hat das Fenster im Zug geöffnet?",
  "what does the dentist charge for a filling",
  "¿Cuándo florecen los almendros en el sur?",
  "Which of the two volcanoes erupted last year?",
  "小猫为什么不肯洗澡？",
  "qzx vrmpl oontgh",
];
const passages = [
  "Restart the service after the certificate has been replaced, and check that the port answers.",
  "La bibliothèque municipale ferme ses portes à dix-huit heures pendant les vacances.",
  "Table of exchange rates\n\n| currency | rate |\n| --- | --- |\n| CHF | 1.04 |",
  "export function parseHeader(line: string): [string, string] {\n  return line.split(': ', 2);\n}",
  "Der Verein wurde 1921 von vier Brüdern gegründet und spielt heute in der dritten Liga.",
  "この書類は三部印刷して、受付の箱に入れてください。",
  "Employees submit the claim for travel expenses within thirty days.",
  "2026-01-03T11:02:09Z INFO worker 7 finished batch 1902 in 35 ms",
];
/**
 * Standard deviations by which two texts must be nearer than texts are that have nothing to do with each other, and by which
 * they must be where they have no word in common. Measured with the local model by tests/bench/knowledge: docs/measurements.md.
 */
const beyond = { some: 0.5, alone: 2.2 };
/** Share of the mean of questions that is taken off a question: what all questions have in common answers none. */
const shift = 0.3;

/**
 * Measures from which distance on the model's texts have nothing to do with each other: some models put everything into
 * one corner (E5: similarity 0.7 and above), others use the whole sphere.
 */
export async function measureUnrelated(
  database: Database,
  tenant: Tenant,
  embeddings: Embeddings,
  generation: Generation,
): Promise<void> {
  const [asked, told] = await Promise.all([
    embeddings.embed(tenant.organisation, generation.model, questions, { as: "query" }),
    embeddings.embed(tenant.organisation, generation.model, passages),
  ]);
  // The last one is no question.
  const centre = meanOf(asked.vectors.slice(0, -1));
  const { mean, deviation } = spread(
    asked.vectors.map((one) => shifted(one, centre)),
    told.vectors,
  );
  await database.query(tenant, {
    name: "knowledge.unrelated",
    text: "update generation set unrelated = $2, related = $3, centre = $4 where id = $1",
    values: [generation.id, mean - beyond.some * deviation, mean - beyond.alone * deviation, centre],
  });
}

/** A question less what questions have in common, as it is compared with passages. Of the same direction where no centre is known. */
export function shifted(vector: readonly number[], centre: readonly number[] | null): readonly number[] {
  if (centre?.length !== vector.length) return vector;
  const moved = vector.map((value, at) => value - shift * (centre[at] as number));
  const length = Math.hypot(...moved);
  return length > 0 ? moved.map((value) => value / length) : vector;
}

function meanOf(vectors: readonly number[][]): number[] {
  const lengths = vectors.map((vector) => Math.hypot(...vector) || 1);
  return (vectors[0] ?? []).map(
    (_value, at) => vectors.reduce((sum, vector, i) => sum + (vector[at] ?? 0) / (lengths[i] ?? 1), 0) / vectors.length,
  );
}

/** Of the cosine distances of all pairs. */
function spread(
  asked: readonly (readonly number[])[],
  told: readonly (readonly number[])[],
): { mean: number; deviation: number } {
  const distances = asked.flatMap((one) => told.map((other) => 1 - cosine(one, other)));
  const mean = distances.reduce((sum, one) => sum + one, 0) / distances.length;
  const variance = distances.reduce((sum, one) => sum + (one - mean) ** 2, 0) / distances.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (one: readonly number[], other: readonly number[]) =>
    one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
  return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1);
}
