import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { isRecord, isSection, type SchemaNode, type Segments, settingsSchema } from "./paths.ts";
import { ConfigInvalid, type Problem } from "./problem.ts";
import { redact, redactText, shown } from "./redact.ts";

/** An answers file as it was read: its values, and where each of them stands. */
export interface AnswersFile {
  /** As errors name it. */
  file: string;
  value: Record<string, unknown>;
  /** Line and column, from 1, of a key or its value; of the nearest section around it when it is not there. */
  locate(segments: Segments, at: "key" | "value"): { line: number; column: number } | undefined;
}

/** Largest file that is read, in bytes. */
export const sizeLimit = 1024 * 1024;

/** @throws ConfigInvalid when the text is no YAML map, with every syntax error at its line. */
export function parseAnswers(content: string | Uint8Array, file: string): AnswersFile {
  const { document, lines } = parseDocumentOf(content, file);
  const value = toValue(document, file);
  return {
    file,
    value: withoutEmptySections(value, settingsSchema),
    locate: (segments, at) => {
      const offset = offsetOf(document, segments, at);
      if (offset === undefined) return undefined;
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
  };
}

/** Answers that come from a program, such as Pulumi's stack configuration; they have no lines. */
export function answersFromObject(value: Record<string, unknown>, file: string): AnswersFile {
  return { file, value: withoutEmptySections(value, settingsSchema), locate: () => undefined };
}

/** The YAML document with its comments, for changing it in place. @throws ConfigInvalid */
export function parseDocumentOf(
  content: string | Uint8Array,
  file: string,
): { document: Document; lines: LineCounter } {
  const text = decode(content, file);
  const lines = new LineCounter();
  const document = parseOrRefuse(() => parseDocument(text, { lineCounter: lines, prettyErrors: false }), file);
  const stray = document.errors.length > 0 ? [] : parseOrRefuse(() => strayAliases(document), file);
  const faults = [
    ...[...document.errors, ...document.warnings].map(({ message, pos }) => ({ message, offset: pos[0] })),
    ...stray.map(({ name, offset }) => ({ message: `The alias *${name} names no anchor`, offset })),
  ];
  if (faults.length === 0) return { document, lines };
  throw new ConfigInvalid(
    faults.map((fault) => {
      const { line, col } = lines.linePos(fault.offset);
      return wholeFile(file, `YAML: ${redactText(fault.message)}`, { line, column: col });
    }),
  );
}

function decode(content: string | Uint8Array, file: string): string {
  const size = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
  if (size > sizeLimit) refuse(file, `The file has ${size} bytes; an answers file has at most ${sizeLimit}.`);
  const text = typeof content === "string" ? content : utf8(content);
  if (text === undefined || text.includes("\0")) refuse(file, "The file is binary; an answers file is YAML in UTF-8.");
  if (text.trim() === "") refuse(file, "The file is empty; `./devflow init` writes a new one.");
  return text;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Places of aliases that name no anchor. */
function strayAliases(document: Document): { name: string; offset: number }[] {
  const found: { name: string; offset: number }[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (!alias.resolve(document)) found.push({ name: alias.source, offset: alias.range?.[0] ?? 0 });
    },
  });
  return found;
}

function toValue(document: Document, file: string): Record<string, unknown> {
  // Aliases that multiply ("billion laughs") stop at this many expansions.
  const value: unknown = parseOrRefuse(() => document.toJS({ maxAliasCount: 100 }), file);
  // A file of comments only is a template nobody has filled in yet.
  if (value === null) return {};
  if (!isRecord(value)) {
    refuse(
      file,
      `The file holds ${shown(redact(value))}; an answers file is a map of settings such as \`profile: standard\`.`,
    );
  }
  return value;
}

function parseOrRefuse<T>(parse: () => T, file: string): T {
  try {
    return parse();
  } catch (error) {
    const reason = error instanceof RangeError ? "it is nested too deeply" : String((error as Error).message);
    refuse(file, `The file cannot be read as YAML: ${redactText(reason)}.`);
  }
}

function refuse(file: string, message: string): never {
  throw new ConfigInvalid([wholeFile(file, message, { line: 1, column: 1 })]);
}

function wholeFile(file: string, message: string, at: { line: number; column: number }): Problem {
  return { file, ...at, path: "", value: undefined, allowed: undefined, suggestion: undefined, message };
}

/** A section whose settings are all commented out is null in YAML; it says nothing, so it counts as absent. */
function withoutEmptySections(value: Record<string, unknown>, schema: SchemaNode): Record<string, unknown> {
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const section = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
    if (section === undefined || !isSection(section)) return [[key, inner] as const];
    if (inner === null) return [];
    return [[key, isRecord(inner) ? withoutEmptySections(inner, section) : inner] as const];
  });
  return Object.fromEntries(kept);
}

function offsetOf(document: Document, segments: Segments, at: "key" | "value"): number | undefined {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0];
  for (const [index, segment] of segments.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const wantsKey = at === "key" && index === segments.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment));
      if (!pair) return offset;
      const value = pair.value as Node | null;
      offset =
        (wantsKey ? (pair.key as Node).range?.[0] : (value?.range?.[0] ?? (pair.key as Node).range?.[0])) ?? offset;
      node = value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
