import { createHash } from "node:crypto";
import { cut, type Piece, tokensOf } from "../chunk/chunk.ts";
import { searchTermsOf } from "../chunk/identifiers.ts";
import { type ReadAddresses, readLinks, readSitemap } from "./addresses.ts";
import { readBytes } from "./read.ts";
import { type ReadRobots, readRobots } from "./robots.ts";
import type { Given, ReadText } from "./text.ts";

/** What of a text is decided by where it was found. */
export interface Placed {
  /** @default what the text says of itself */
  title?: string | undefined;
  form?: ReadText["form"] | undefined;
}

/** Everything that is made of what comes from outside. */
export type Work = { as: "page"; given: Given; placed: Placed } | { as: "sitemap" | "links" | "robots"; given: Given };
export type Result = ReadPage | ReadAddresses | ReadRobots;

/** A text with the pieces that it is found by. */
export interface ReadPage extends ReadText {
  pieces: IndexedPiece[];
}

export interface IndexedPiece extends Piece {
  tokens: number;
  /** What it is found by beside the words of its language. */
  terms: string;
  /** SHA-256 of all that its vector and terms depend on, in hexadecimal digits. */
  hash: string;
}

/** Characters of a title. */
const longestTitle = 300;

export async function work(asked: Work): Promise<Result> {
  if (asked.as === "page") return readPage(asked.given, asked.placed);
  const { bytes, name } = asked.given;
  if (asked.as === "sitemap") return readSitemap(bytes);
  return asked.as === "links" ? readLinks(bytes, name) : readRobots(bytes);
}

/** A file or page, ready to be kept. @throws ApiError as `readBytes` */
export async function readPage(given: Given, { title, form }: Placed = {}): Promise<ReadPage> {
  const text = await readBytes(given);
  const page = { ...text, title: (title ?? text.title).slice(0, longestTitle), form: form ?? text.form };
  return { ...page, pieces: cut(page).map((piece) => indexed(piece, page.language)) };
}

function indexed(piece: Piece, language: string): IndexedPiece {
  const { kind, heading, content } = piece;
  return {
    ...piece,
    tokens: tokensOf(content),
    terms: searchTermsOf(`${heading}\n${content}`, language),
    hash: createHash("sha256").update([kind, language, heading, content].join("\n")).digest("hex"),
  };
}
