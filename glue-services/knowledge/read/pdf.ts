import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { extractText, getDocumentProxy, getMeta } from "unpdf";
import { ApiError } from "../../kit/api-error.ts";
import { languageOf } from "./language.ts";
import type { ReadText } from "./text.ts";

/** Pages that are read. */
const most = 3000;

/** Character maps and fonts that a PDF may name and not hold. */
const data = { cMapUrl: "cmaps", standardFontDataUrl: "standard_fonts" };

/** Gives PDF.js its data from the package it comes in; nothing is asked of the network. */
class PackagedData {
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const folder = data[kind as keyof typeof data];
    if (!folder) throw new Error(`There is no ${kind} here.`);
    const manifest = fileURLToPath(import.meta.resolve("pdfjs-dist/package.json"));
    return new Uint8Array(await readFile(new URL(`${folder}/${basename(filename)}`, `file://${manifest}`)));
  }
}

const options = {
  isEvalSupported: false,
  verbosity: 0,
  useWorkerFetch: false,
  useWasm: false,
  cMapUrl: "cmaps/",
  cMapPacked: true,
  standardFontDataUrl: "standard_fonts/",
  BinaryDataFactory: PackagedData,
};

/** Each page becomes a section, so that a citation can say on which page it is. @throws ApiError INVALID */
export async function readPdf(bytes: Uint8Array, name: string): Promise<ReadText> {
  try {
    // It takes its bytes away with it.
    const pdf = await getDocumentProxy(new Uint8Array(bytes), options as object);
    if (pdf.numPages > most) throw new ApiError("TOO_LARGE", `${name} has more than ${most} pages.`);
    const { text } = await extractText(pdf, { mergePages: false });
    const meta = await getMeta(pdf).catch(() => undefined);
    const pages = text.map((page, at) => ({ number: at + 1, text: tidy(page) }));
    const read = pages.filter((page) => page.text !== "");
    if (read.length === 0) {
      throw new ApiError("INVALID", `${name} has no text: its pages are pictures.`, {
        hint: "Run it through text recognition first.",
      });
    }
    const content = read.map((page) => `## Page ${page.number}\n\n${page.text}`).join("\n\n");
    const title = String((meta?.info as { Title?: unknown } | undefined)?.Title ?? "").trim();
    return {
      title: title || name,
      content,
      form: "markdown",
      language: languageOf(content),
      notes: lost(pages),
    };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const locked = (error as { name?: string }).name === "PasswordException";
    throw new ApiError("INVALID", locked ? `${name} is locked by a password.` : `${name} is no PDF that can be read.`, {
      hint: locked ? "Save it without the password." : "Open it in a viewer and print it to PDF again.",
      cause: error,
    });
  }
}

/** Pages without text, and pages whose fonts do not say which letters they show. */
function lost(pages: readonly { number: number; text: string }[]): string[] {
  const empty = pages.filter(({ text }) => text === "").map(({ number }) => number);
  const unclear = pages
    .filter(({ text }) => (text.match(/[\ufffd\ue000-\uf8ff]/gu)?.length ?? 0) > text.length / 20)
    .map(({ number }) => number);
  return [
    ...(empty.length > 0 ? [`${named(empty)} no text: pictures are not read.`] : []),
    ...(unclear.length > 0 ? [`${named(unclear)} letters that its fonts do not name.`] : []),
  ];
}

/** `Page 2 has`, `Pages 2, 4-6 have`. */
function named(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const list = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  const shown = list.length > 30 ? `${list.slice(0, 30).join(", ")} …` : list.join(", ");
  return numbers.length === 1 ? `Page ${shown} has` : `Pages ${shown} have`;
}

/** Joins words that were parted at the end of a line; keeps paragraphs. Nothing in it is Markdown. */
function tidy(text: string): string {
  return text
    .replace(/(\p{L})-\n(\p{Ll})/gu, "$1$2")
    .replace(/[ \t]+/g, " ")
    .replace(/^(#{1,6} |```|\||>)/gm, "\\$1")
    .trim();
}
