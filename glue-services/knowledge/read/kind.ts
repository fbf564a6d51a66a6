import { extname } from "node:path";
import type { Given } from "./text.ts";

export type Kind = "html" | "markdown" | "text" | "code" | "pdf" | "docx";

const types: Record<string, Kind> = {
  "text/html": "html",
  "application/xhtml+xml": "html",
  "text/markdown": "markdown",
  "text/x-markdown": "markdown",
  "application/pdf": "pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
};

const endings: Record<string, Kind> = {
  ".html": "html",
  ".htm": "html",
  ".xhtml": "html",
  ".md": "markdown",
  ".mdx": "markdown",
  ".markdown": "markdown",
  ".txt": "text",
  ".text": "text",
  ".rst": "text",
  ".adoc": "text",
  ".log": "text",
  ".csv": "text",
  ".pdf": "pdf",
  ".docx": "docx",
};

const code = new Set(
  `ts tsx mts cts js jsx mjs cjs py rb go rs java kt kts scala swift c h cc cpp hpp cs php pl lua r jl ex exs erl hs ml fs
   clj sh bash zsh ps1 sql graphql proto css scss less vue svelte astro html.erb tf hcl nix yaml yml toml json jsonc ini cfg
   conf env.example gradle cmake make dockerfile sd xml`
    .split(/\s+/)
    .map((ending) => `.${ending}`),
);
const named = new Set(["dockerfile", "makefile", "procfile", "gemfile", "rakefile", "justfile", "jenkinsfile"]);

/** What a file is, by its type, else by its name; undefined for what cannot be read. */
export function kindOf({ media, name, bytes }: Given): Kind | undefined {
  const byType = types[media];
  const path = name.replace(/[?#].*$/, "").toLowerCase();
  const ending = extname(path);
  if (byType) return byType;
  // Magic numbers first: servers and browsers send what they do not know as octets.
  if (starts(bytes, "%PDF-")) return "pdf";
  const byEnding = endings[ending];
  if (byEnding === "docx") return starts(bytes, "PK") ? "docx" : undefined;
  if (byEnding === "pdf") return undefined;
  if (binary(bytes)) return undefined;
  if (byEnding) return byEnding;
  // A server that says nothing of a page's type.
  if (
    media === "" &&
    /^\s*<(!doctype html|html|head|body)\b/i.test(Buffer.from(bytes.subarray(0, 512)).toString("latin1"))
  ) {
    return "html";
  }
  if (code.has(ending) || named.has(path.split("/").at(-1) ?? "")) return "code";
  if (media.startsWith("text/") || media === "application/json" || media.endsWith("+xml")) return "text";
  return ending === "" && media === "" ? "text" : undefined;
}

function starts(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString("latin1") === text;
}

/** Texts have no zero bytes, except those in UTF-16, which begin with a mark. */
export function binary(bytes: Uint8Array): boolean {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !marked && bytes.subarray(0, 8192).includes(0);
}
