import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../../configs/vespa/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");

/** A field of a schema of configs/vespa, as a content node would treat it. */
export interface Field {
  type: "string" | { tensor: number };
  attribute: boolean;
  index: boolean;
  cased: boolean;
}

/** A type of documents, with what can be asked of it. */
export interface DocumentType {
  fields: Map<string, Field>;
  fieldsets: Map<string, string[]>;
  /** Names of the summaries' fields. */
  summaries: Map<string, string[]>;
  profiles: Set<string>;
}

/** What configs/vespa says: the stand-in knows nothing of documents but this. */
export interface Package {
  cluster: string;
  types: Map<string, DocumentType>;
  queryProfiles: Map<string, Map<string, string>>;
}

export function readPackage(): Package {
  const services = read("services.xml");
  const served = [...services.matchAll(/<document type="(\w+)"/g)].map(([, type]) => type as string);
  const profiles = readdirSync(new URL("search/query-profiles/", folder)).filter((name) => name.endsWith(".xml"));
  return {
    cluster: /<content id="(\w+)"/.exec(services)?.[1] ?? "",
    types: new Map(served.map((type) => [type, typeOf(type)])),
    queryProfiles: new Map(
      profiles.map((name) => {
        const fields = read(`search/query-profiles/${name}`).matchAll(/<field name="([^"]+)">([^<]*)</g);
        return [
          name.replace(".xml", ""),
          new Map([...fields].map(([, key, value]) => [key as string, value as string])),
        ];
      }),
    ),
  };
}

function typeOf(name: string): DocumentType {
  const text = read(`schemas/${name}.sd`).replace(/#.*/g, "");
  const parent = /^\s*schema \w+ inherits (\w+)/m.exec(text)?.[1];
  const own: DocumentType = {
    fields: new Map(
      blocks(text, /\bfield (\w+) type ([^{]+)\{/g).map(({ match, body }) => [
        match[1] as string,
        fieldOf(match[2] as string, body),
      ]),
    ),
    fieldsets: new Map(
      blocks(text, /\bfieldset (\w+) \{/g).map(({ match, body }) => [
        match[1] as string,
        body
          .replace(/\s*fields:/, "")
          .split(",")
          .map((one) => one.trim()),
      ]),
    ),
    summaries: new Map(
      blocks(text, /\bdocument-summary (\w+) \{/g).map(({ match, body }) => [
        match[1] as string,
        [...body.matchAll(/summary (\w+)/g)].map(([, one]) => one as string),
      ]),
    ),
    profiles: new Set([...text.matchAll(/\brank-profile (\w+)/g)].map(([, one]) => one as string)),
  };
  if (!parent) return own;
  const inherited = typeOf(parent);
  return {
    fields: new Map([...inherited.fields, ...own.fields]),
    fieldsets: new Map([...inherited.fieldsets, ...own.fieldsets]),
    summaries: new Map([...inherited.summaries, ...own.summaries]),
    profiles: new Set([...inherited.profiles, ...own.profiles]),
  };
}

function fieldOf(type: string, body: string): Field {
  const indexing = /indexing:([^\n]*)/.exec(body)?.[1] ?? "";
  const size = /^tensor<\w+>\(x\[(\d+)\]\)/.exec(type)?.[1];
  if (!size && type.trim() !== "string") throw new Error(`a type that the stand-in does not know: ${type}`);
  return {
    type: size ? { tensor: Number(size) } : "string",
    attribute: /\battribute\b/.test(indexing),
    index: /\bindex\b/.test(indexing),
    cased: /match: cased/.test(body),
  };
}

/** Each place of a pattern that ends at a brace, with what is between it and its closing one. */
function blocks(text: string, pattern: RegExp): { match: RegExpExecArray; body: string }[] {
  return [...text.matchAll(pattern)].map((match) => {
    const from = match.index + match[0].length;
    let depth = 1;
    let at = from;
    for (; depth > 0; at++) depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    return { match: match as RegExpExecArray, body: text.slice(from, at - 1) };
  });
}
