import { ApiError } from "../../kit/index.ts";
import { readDocx } from "./docx.ts";
import { readHtml } from "./html.ts";
import { kindOf } from "./kind.ts";
import { languageOf } from "./language.ts";
import { readPdf } from "./pdf.ts";
import { decode, type Given, type ReadText } from "./text.ts";

/** Bytes to text, whatever they are. Blocks the thread it runs on. @throws ApiError UNSUPPORTED_MEDIA, INVALID, TOO_LARGE */
export async function readBytes(given: Given): Promise<ReadText> {
  const kind = kindOf(given);
  const name = given.name.split("/").at(-1) || given.name;
  if (kind === "pdf") return limited(await readPdf(given.bytes, name));
  if (kind === "docx") return limited(await readDocx(given.bytes, name));
  if (kind === undefined) {
    throw new ApiError("UNSUPPORTED_MEDIA", `${name} is no text, HTML, Markdown, code, PDF or Word document.`, {
      hint: "Convert it to one of these first.",
    });
  }
  const text = decode(given);
  if (kind === "html") return limited(readHtml(text, given.name));
  if (kind === "markdown") return readMarkdown(text, name);
  const language = kind === "code" ? "english" : languageOf(text);
  return { title: given.name, content: text, form: kind, language };
}

function readMarkdown(text: string, name: string): ReadText {
  const front = /^---\n([\s\S]{0,5000}?)\n---\n/.exec(text)?.[1];
  const declared = front && /^title:\s*["']?(.+?)["']?\s*$/m.exec(front)?.[1];
  const title = declared || /^# +(.+?)\s*#*$/m.exec(text)?.[1] || name;
  return { title, content: text, form: "markdown", language: languageOf(text) };
}

function limited(read: ReadText): ReadText {
  return { ...read, content: read.content.replaceAll("\u0000", "") };
}
