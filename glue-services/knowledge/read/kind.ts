import { isWide } from "./encoding/decode.ts";
import { foreignOf } from "./foreign.ts";
import type { Given } from "./text.ts";

export type Kind = "html" | "markdown" | "text" | "code" | "pdf" | "docx" | "notebook";

const types: Record<string, Kind> = {
  "text/html": "html",
  "application/xhtml+xml": "html",
  "text/markdown": "markdown",
  "text/x-markdown": "markdown",
  "application/x-ipynb+json": "notebook",
};

const endings: Record<string, Kind> = {
  html: "html",
  htm: "html",
  xhtml: "html",
  xht: "html",
  md: "markdown",
  mdx: "markdown",
  markdown: "markdown",
  txt: "text",
  text: "text",
  rst: "text",
  adoc: "text",
  log: "text",
  csv: "text",
  tsv: "text",
  ipynb: "notebook",
};

const code = new Set(
  `ts tsx mts cts js jsx mjs cjs py rb go rs java kt kts scala swift c h cc cpp hpp cs php pl lua r jl ex exs erl hs ml fs
   clj sh bash zsh ps1 sql graphql proto css scss less vue svelte astro erb tf hcl nix yaml yml toml json jsonc ini cfg
   conf gradle cmake make dockerfile sd xml`.split(/\s+/),
);
const named = new Set("dockerfile makefile procfile gemfile rakefile justfile jenkinsfile .env.example".split(" "));
/** Types by which servers, browsers and clients say that they do not know. */
const unknown = new Set(["", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded"]);

/** What a file is, by what it begins with, its type, its name; undefined for what cannot be read. */
export function kindOf({ media, name, bytes }: Given): Kind | undefined {
  const magic = magicOf(bytes);
  if (magic) return magic === "other" ? undefined : magic;
  const file = fileOf(name);
  const ending = endingOf(file);
  if (ending === "pdf" || ending === "docx") return looksLikeHtml(bytes) ? "html" : undefined;
  if (binary(bytes)) return undefined;
  const byType = types[media];
  if (byType) return byType;
  const byEnding = endings[ending];
  if (byEnding) return byEnding;
  if (unknown.has(media) && looksLikeHtml(bytes)) return "html";
  if (code.has(ending) || named.has(file.toLowerCase())) return "code";
  if (media.startsWith("text/") || media === "application/json" || media.endsWith("+xml")) return "text";
  return unknown.has(media) ? "text" : undefined;
}

/** Why a file of no kind is none, and what to do about it, in words for whoever gave it. */
export function whyNot(given: Given): { why: string; hint: string } {
  const foreign = foreignOf(given.bytes);
  if (foreign) return { why: `is ${foreign.is}`, hint: foreign.hint };
  const hint = "Convert it to one that can be read.";
  const ending = endingOf(fileOf(given.name));
  if (ending === "pdf") return { why: "is no PDF", hint };
  if (ending === "docx") return { why: "is no Word document", hint };
  return { why: "is no text, HTML, Markdown, code, notebook, PDF or Word document", hint };
}

/** What a file is called, of a path or of an address. */
function fileOf(name: string): string {
  const path = /^https?:\/\//i.test(name) && URL.canParse(name) ? new URL(name).pathname : name;
  return path.split("/").at(-1) ?? "";
}

function endingOf(file: string): string {
  const at = file.lastIndexOf(".");
  return at > 0 ? file.slice(at + 1).toLowerCase() : "";
}

/** Old Office, pictures, archives, programs, RTF. */
const others =
  "\u00d0\u00cf\u0011\u00e0 \u0089PNG GIF8 \u00ff\u00d8\u00ff \u001f\u008b 7z\u00bc\u00af Rar! \u007fELF {\\rtf".split(
    " ",
  );

/** By magic numbers: servers and browsers send what they do not know as octets, and people rename files. */
function magicOf(bytes: Uint8Array): Kind | "other" | undefined {
  const start = latin1(bytes, 1024);
  if (start.includes("%PDF-") && /^[\s\u00ef\u00bb\u00bf\0]*%PDF-/.test(start)) return "pdf";
  if (start.startsWith("PK\u0003\u0004")) {
    // Sheets, slides and books are archives too.
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("word/document") ? "docx" : "other";
  }
  if (others.some((one) => start.startsWith(one))) return "other";
  return undefined;
}

function looksLikeHtml(bytes: Uint8Array): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[^>]*-->\s*)?<(?:!doctype html|html|head|body)\b/i.test(
    latin1(bytes, 1024),
  );
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.subarray(0, length)).toString("latin1");
}

/** Texts have no zero bytes, except those in UTF-16. */
export function binary(bytes: Uint8Array): boolean {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !marked && bytes.subarray(0, 8192).includes(0) && isWide(bytes) === undefined;
}
