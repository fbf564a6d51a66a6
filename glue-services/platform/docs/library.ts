import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** One Markdown file below the documentation's folder. */
export interface DocPage {
  /** Path in addresses: no extension, `/` between parts, "" for the first page. */
  path: string;
  title: string;
  /** Folder it is in, "" at the top. */
  section: string;
  source: string;
}

/** Reads the pages; `find` answers only what a walk of the folder has found, so that no address can leave it. */
export interface Library {
  pages(): Promise<DocPage[]>;
  find(path: string): Promise<DocPage | undefined>;
}

/** Milliseconds after which the folder is looked at again. */
const fresh = 2000;

export function openLibrary(folder: string): Library {
  const read = new Map<string, { changed: number; page: DocPage }>();
  let last: { at: number; pages: Promise<DocPage[]> } | undefined;

  const pages = () => {
    if (!last || performance.now() - last.at > fresh) last = { at: performance.now(), pages: walk(folder, read) };
    return last.pages;
  };
  return {
    pages,
    find: async (path) => {
      const wanted = path.replace(/\/+$/, "").replace(/\.md$/, "");
      return (await pages()).find((page) => page.path === wanted);
    },
  };
}

async function walk(folder: string, read: Map<string, { changed: number; page: DocPage }>): Promise<DocPage[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) => {
      const { mtimeMs } = await stat(file);
      const before = read.get(file);
      if (before?.changed === mtimeMs) return before.page;
      const page = pageOf(relative(folder, file), await readFile(file, "utf8"));
      read.set(file, { changed: mtimeMs, page });
      return page;
    }),
  );
  return found.sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
}

function pageOf(file: string, source: string): DocPage {
  const parts = file.split(sep);
  const name = parts.pop()?.replace(/\.md$/, "") ?? "";
  const path = [...parts, ...(name === "index" || name === "README" ? [] : [name])].join("/");
  const title = /^#\s+(.+)$/m.exec(source)?.[1]?.replaceAll(/[`*]/g, "").trim() ?? name;
  return { path, title, section: parts.join("/"), source };
}

/** What someone reads first stands first; the rest by name, pages at the top before folders. */
const first = ["", "first-steps", "local-stack", "configuration", "troubleshooting", "install", "projects"];

/** Folders in the order of who reads them: those who use the platform before those who work on it. */
const sections = ["", "products", "reference", "prds", "development", "decisions"];

function rank(page: DocPage): number {
  const at = first.indexOf(page.path);
  if (at >= 0) return at;
  const section = sections.indexOf(page.section.split("/")[0] ?? "");
  return first.length + (section >= 0 ? section : sections.length);
}
