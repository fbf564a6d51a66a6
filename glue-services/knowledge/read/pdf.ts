import { extractText, getDocumentProxy, getMeta } from "unpdf";
import { ApiError } from "../../kit/index.ts";
import { languageOf } from "./language.ts";
import type { ReadText } from "./text.ts";

/** Pages that are read. */
const most = 3000;

/** Each page becomes a section, so that a citation can say on which page it is. @throws ApiError INVALID */
export async function readPdf(bytes: Uint8Array, name: string): Promise<ReadText> {
  try {
    // It takes its bytes away with it.
    const pdf = await getDocumentProxy(new Uint8Array(bytes), { isEvalSupported: false, verbosity: 0 } as object);
    if (pdf.numPages > most) throw new ApiError("TOO_LARGE", `${name} has more than ${most} pages.`);
    const { text } = await extractText(pdf, { mergePages: false });
    const meta = await getMeta(pdf).catch(() => undefined);
    const pages = text.map((page, at) => ({ number: at + 1, text: tidy(page) })).filter((page) => page.text !== "");
    if (pages.length === 0) {
      throw new ApiError("INVALID", `${name} has no text: its pages are pictures.`, {
        hint: "Run it through text recognition first.",
      });
    }
    const content = pages.map((page) => `## Page ${page.number}\n\n${page.text}`).join("\n\n");
    const title = String((meta?.info as { Title?: unknown } | undefined)?.Title ?? "").trim();
    return { title: title || name, content, form: "markdown", language: languageOf(content) };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const locked = (error as { name?: string }).name === "PasswordException";
    throw new ApiError("INVALID", locked ? `${name} is locked by a password.` : `${name} is no PDF that can be read.`, {
      hint: locked ? "Save it without the password." : "Open it in a viewer and print it to PDF again.",
      cause: error,
    });
  }
}

/** Joins words that were parted at the end of a line; keeps paragraphs. Nothing in it is Markdown. */
function tidy(text: string): string {
  return text
    .replace(/(\p{L})-\n(\p{Ll})/gu, "$1$2")
    .replace(/[ \t]+/g, " ")
    .replace(/^(#{1,6} |```|\||>)/gm, "\\$1")
    .trim();
}
