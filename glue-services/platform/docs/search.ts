import type { DocPage } from "./library.ts";

export interface Found {
  page: DocPage;
  /** Text around the first match, cut into what matched and what did not. */
  excerpt: { text: string; match: boolean }[];
}

const around = 90;
const most = 30;

/** Pages that contain every word, those with a word in their title first. */
export function searchDocs(pages: readonly DocPage[], query: string): Found[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return pages
    .map((page) => ({ page, score: score(page, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ page }) => ({ page, excerpt: excerpt(page.source, words) }));
}

function score(page: DocPage, words: string[]): number {
  const title = page.title.toLowerCase();
  const text = page.source.toLowerCase();
  if (!words.every((word) => text.includes(word))) return 0;
  return words.reduce((sum, word) => sum + (title.includes(word) ? 50 : 0) + Math.min(20, text.split(word).length), 0);
}

function excerpt(source: string, words: string[]): Found["excerpt"] {
  const text = source
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[#*`|]|^\s*[-:\s]+$/gm, "")
    .replaceAll(/\s+/g, " ");
  const pattern = new RegExp(`(${words.map(literal).join("|")})`, "iu");
  const at = Math.max(0, text.search(pattern));
  const start = at < around ? 0 : text.indexOf(" ", at - around) + 1;
  const piece = `${start > 0 ? "… " : ""}${text.slice(start, at + around)} …`;
  return piece.split(new RegExp(pattern, "iu")).map((part) => ({ text: part, match: pattern.test(part) }));
}

/** A word as a pattern of the flag `u`, which allows no escape of what has no meaning, such as `-`. */
function literal(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
