import type { Tenant } from "../../../kit/index.ts";
import { gramGroupsOf } from "../../chunk/grams.ts";
import { symbolsOf } from "../../chunk/symbols.ts";
import type { Lists } from "../fuse.ts";
import type { IndexQuery } from "../index.ts";
import { Away, type VespaAnswer } from "./client.ts";
import { typeOf } from "./document.ts";

/** Chunks that each list contributes: enough that what one of them ranks late can be lifted by the other. */
const depth = 60;

/** What is asked of Vespa, and for whom. */
export interface VespaQuestion extends IndexQuery {
  generation: { id: string; dimension: number };
  /** ISO 639-1 of the languages that the organisation's texts are in, as far as Vespa stems them. */
  languages: readonly string[];
}

/**
 * A query of Vespa's. The tenant's organisation and the generation are conditions of every one, since no query is made
 * but here and none without a tenant. Nothing that a person typed is part of the YQL: it refers to it by name.
 */
export function queryOf(tenant: Tenant, question: VespaQuestion): object {
  const { generation, words, must, never, vector, filter, limit, languages } = question;
  const values: Record<string, string> = {};
  const given = (name: string, value: string) => {
    values[name] = value;
    return `@${name}`;
  };
  const asked = plain(words);
  // Signs, and parts of words without blanks, stand among the identifiers as on PostgreSQL.
  const parts = partsOf(words);
  const byWords = [
    ...(asked === "" ? [] : wordsOf(given("words", asked), languages)),
    ...(parts === "" ? [] : [namesOf(given("parts", parts))]),
  ];
  const byMeaning = vector ? [`({targetHits:${depth}}nearestNeighbor(embedding, q))`] : [];
  const wanted = [...byWords, ...byMeaning];
  const phrases = (name: string, list: readonly string[]) =>
    list
      .map(plain)
      .filter((phrase) => phrase !== "")
      .map((phrase, at) => anyOf(phraseOf(given(`${name}${at}`, phrase), languages)));
  const required = phrases("must", must);
  const conditions = [
    `organisation contains "${id(tenant.organisation)}"`,
    `generation contains "${id(generation.id)}"`,
    ...(filter.sources ? [`source in (${filter.sources.map((source) => `"${id(source)}"`).join(", ")})`] : []),
    ...(filter.kinds ? [`kind in (${filter.kinds.map((_kind, at) => `@kind${at}`).join(", ")})`] : []),
    ...(filter.prefix === undefined ? [] : [`address contains ({prefix:true}${given("prefix", filter.prefix)})`]),
    ...(wanted.length > 0 ? [anyOf(wanted)] : []),
    ...required,
    ...phrases("never", never).map((phrase) => `!${phrase}`),
  ];
  for (const [at, kind] of (filter.kinds ?? []).entries()) given(`kind${at}`, kind);
  return {
    yql: `select * from ${typeOf(generation.dimension)} where ${conditions.join(" and ")}`,
    queryProfile: "knowledge",
    "ranking.profile": profileOf(byWords.length > 0 || required.length > 0, byMeaning.length > 0),
    hits: Math.max(2 * depth, limit),
    ...(vector && { "input.query(q)": `[${vector.values.join(",")}]` }),
    ...values,
  };
}

/** Whether anything is asked for at all. */
export function asksNothing({ words, must, vector }: IndexQuery): boolean {
  return plain(words) === "" && partsOf(words) === "" && must.every((phrase) => plain(phrase) === "") && !vector;
}

/** Words alone. Vespa reads a language of its own in what people type, which could ask for other fields. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}_]+/gu, " ").trim();
}

function profileOf(words: boolean, meaning: boolean): "hybrid" | "vector" | "words" {
  if (!meaning) return "words";
  return words ? "hybrid" : "vector";
}

/** Not the parts of compounds: Vespa would take any one of them for the whole. */
function partsOf(words: string): string {
  const grams = gramGroupsOf(words).filter((group) => group.length === 1);
  return [...symbolsOf(words, 24), ...grams.flat()].join(" ");
}

function namesOf(parts: string): string {
  return `({defaultIndex:"identifiers", grammar:"weakAnd"${language("en")}}userInput(${parts}))`;
}

/** Names are not stemmed; texts are, in each of the languages. */
function wordsOf(words: string, languages: readonly string[]): string[] {
  const asked = (index: string, more: string) =>
    `({defaultIndex:"${index}", grammar:"weakAnd"${more}}userInput(${words}))`;
  return [...inEach(languages, (language) => asked("default", language)), namesOf(words)];
}

function phraseOf(phrase: string, languages: readonly string[]): string[] {
  return inEach(languages, (more) => `({defaultIndex:"default", grammar:"phrase"${more}}userInput(${phrase}))`);
}

function inEach(languages: readonly string[], one: (language: string) => string): string[] {
  return (languages.length > 0 ? languages : ["en"]).map((name) => one(language(name)));
}

function language(name: string): string {
  return `, language:"${name}"`;
}

function anyOf(operands: readonly string[]): string {
  return `(${operands.join(" or ")})`;
}

/** Ids stand in the YQL itself, so they are ids and nothing else. */
function id(uuid: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return uuid;
  throw new TypeError("Only an id can be asked for.");
}

/**
 * Chunks of an answer. Their order by each of the two lists comes from the features each hit carries, to be fused as
 * it is for PostgreSQL, so that ranks and scores mean the same on every stack, and the same is left out as unrelated.
 *
 * @throws Away when a part of the index did not answer, or when a hit is not the tenant's: then nothing of it is trusted
 */
export function listsOf(tenant: Tenant, { generation, vector }: VespaQuestion, { root }: VespaAnswer): Lists {
  const { coverage = 0, documents = 0 } = root.coverage ?? {};
  if (coverage < 100) throw new Away(`Only ${coverage} % of Vespa's index answered.`);
  if (documents === 0) throw new Away("Vespa has no documents (any more).");
  const hits = (root.children ?? []).map(({ fields = {} }) => {
    if (fields.organisation !== tenant.organisation || fields.generation !== generation.id) {
      throw new Away("Vespa answered with something that belongs to somebody else.");
    }
    const features = (fields.matchfeatures ?? {}) as Partial<Record<"words" | "meaning", number>>;
    return { chunk: String(fields.chunk), words: features.words ?? 0, meaning: features.meaning ?? 0 };
  });
  const by = (score: (hit: (typeof hits)[number]) => number, least: number) =>
    hits
      .map((hit) => ({ chunk: hit.chunk, score: score(hit) }))
      .filter((match) => match.score > least)
      .sort((a, b) => b.score - a.score);
  const unrelated = vector?.within === undefined ? undefined : 1 - vector.within;
  const byMeaning = by(({ meaning }) => (meaning > 0 ? similarityOf(meaning) : -1), unrelated ?? -1);
  return { words: by(({ words }) => words, 0), vector: byMeaning, unrelated };
}

/** Cosine similarity of what Vespa states as closeness: 1 / (1 + angle). */
function similarityOf(closeness: number): number {
  return Math.cos(1 / closeness - 1);
}
