import { ApiError } from "../../kit/api-error.ts";
import { readDocx } from "./docx.ts";
import { decode } from "./encoding/decode.ts";
import { readHtml } from "./html.ts";
import { kindOf, whyNot } from "./kind.ts";
import { languageOf } from "./language.ts";
import { readMarkdown } from "./markdown.ts";
import { readNotebook } from "./notebook.ts";
import { readPdf } from "./pdf.ts";
import { type Given, keepable, type ReadText } from "./text.ts";

/** Bytes to text, whatever they are. Blocks the thread it runs on. @throws ApiError UNSUPPORTED_MEDIA, INVALID, TOO_LARGE */
export async function readBytes(given: Given): Promise<ReadText> {
  const kind = kindOf(given);
  const name = given.name.split("/").at(-1) || given.name;
  if (kind === undefined) {
    const { why, hint } = whyNot(given);
    throw new ApiError("UNSUPPORTED_MEDIA", `${name} ${why}.`, { hint });
  }
  try {
    if (kind === "pdf") return whole(await readPdf(given.bytes, name));
    if (kind === "docx") return whole(await readDocx(given.bytes, name));
    const markup = kind === "html" || given.media.endsWith("xml") || /\.xml$/i.test(name);
    const { text, note } = decode(given.bytes, { charset: given.charset, markup, name });
    return whole(readText(kind, text, given, name), note);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ApiError("INVALID", `${name} is nested too deeply to be read.`, { hint: "Split it.", cause: error });
  }
}

function readText(
  kind: "html" | "markdown" | "text" | "code" | "notebook",
  text: string,
  given: Given,
  name: string,
): ReadText {
  if (kind === "html") return readHtml(text, given.name);
  const lines = text.replace(/\r\n?/g, "\n");
  if (kind === "markdown") return readMarkdown(lines, name);
  if (kind === "notebook") return readNotebook(lines, name);
  const language = kind === "code" ? "english" : languageOf(lines);
  return { title: given.name, content: lines, form: kind, language };
}

/** What is kept of it, with a note of what is not. */
function whole(read: ReadText, ...more: (string | undefined)[]): ReadText {
  const { text, note } = keepable(read.content);
  const notes = [...more, ...(read.notes ?? []), note].filter((one) => one !== undefined);
  return { ...read, content: text, title: read.title.replaceAll("\0", ""), ...(notes.length > 0 ? { notes } : {}) };
}
