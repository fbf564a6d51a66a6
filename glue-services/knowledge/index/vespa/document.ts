import type { Tenant } from "../../../kit/index.ts";
import { codeOf } from "../../read/language.ts";

/** Dimensions that the application package in configs/vespa has a schema of; vectors of others are PostgreSQL's alone. */
export const dimensions: readonly number[] = [384, 768, 1024, 1536, 3072];

/** A chunk as PostgreSQL has it, with its vector where it has one. */
export interface Passage {
  chunk: string;
  source: string;
  kind: string;
  heading: string;
  content: string;
  identifiers: string;
  language: string;
  address: string;
  vector: string | null;
}

/** Vespa's type of the documents of a dimension. */
export function typeOf(dimension: number): string {
  if (!dimensions.includes(dimension)) throw new TypeError(`There is no schema of ${dimension} dimensions.`);
  return `chunk_${dimension}`;
}

export function documentId(generation: string, chunk: string): string {
  return `${generation}.${chunk}`;
}

/** Says that all of a generation is there: when Vespa has lost it, it has lost the rest too. Words find nothing in it. */
export function markerId(generation: string): string {
  return `${generation}.filled`;
}

export function markerOf({ organisation }: Tenant, generation: string): object {
  return { organisation, generation, kind: "marker" };
}

export function fieldsOf({ organisation }: Tenant, generation: string, passage: Passage): object {
  const { chunk, source, kind, address, heading, content, identifiers, language, vector } = passage;
  const code = codeOf(language);
  return {
    ...{ organisation, generation, chunk, source, kind, address },
    ...(code && { language: code }),
    ...{ heading: plain(heading), content: plain(content), identifiers: plain(identifiers) },
    ...(vector !== null && { embedding: { values: JSON.parse(vector) as number[] } }),
  };
}

/** Without the characters that Vespa takes in no text: control characters, halves of pairs, noncharacters. */
function plain(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}|\p{Noncharacter_Code_Point}/gu, " ");
}
