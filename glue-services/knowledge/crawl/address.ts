import { fitsWildcard } from "../../kit/index.ts";
import type { SourceSettings } from "../schemas.ts";

/** Parameters that say who came from where, not what is shown. */
const noise = /^(utm_\w+|fbclid|gclid|mc_[ce]id|ref|ref_src|source|phpsessid|jsessionid|sid|session_?id|share)$/i;
/** Endings of what is no text. */
const media =
  /\.(png|jpe?g|gif|webp|avif|svg|ico|css|js|mjs|map|woff2?|ttf|eot|mp[34]|webm|ogg|wav|zip|t?gz|xz|bz2|7z|rar|exe|dmg|msi|deb|rpm|iso|apk|jar|wasm|bin|rss|atom)$/i;

/** One way to write each address, so that none is read twice. */
export function canonical(url: URL): string {
  const one = new URL(url);
  one.hash = "";
  one.pathname = one.pathname
    .replace(/;jsessionid=[^/]*/i, "")
    .replace(/\/{2,}/g, "/")
    .replace(/\/index\.html?$/i, "/");
  const kept = [...one.searchParams]
    .filter(([name]) => !noise.test(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  one.search = new URLSearchParams(kept).toString();
  return one.href;
}

/** What belongs to a source: its own host, below its address or where its settings say. */
export interface Scope {
  has(url: URL): boolean;
}

export function scopeOf(address: string, { include, exclude }: SourceSettings): Scope {
  const start = new URL(address);
  // The folder of the first page: /docs/intro.html reads all below /docs/.
  const folder =
    start.pathname.endsWith("/") || !start.pathname.split("/").at(-1)?.includes(".")
      ? start.pathname
      : start.pathname.replace(/[^/]*$/, "");
  const below = folder.replace(/\/$/, "");
  const isBelow = (path: string) => path.startsWith(`${below}/`) || path.split("?", 1)[0] === below;
  return {
    has(url) {
      if (url.host !== start.host || !/^https?:$/.test(url.protocol) || media.test(url.pathname)) return false;
      const path = `${url.pathname}${url.search}`;
      return (include?.some((one) => begins(path, one)) ?? isBelow(path)) && !exclude?.some((one) => begins(path, one));
    },
  };
}

/** Whether a path begins as the pattern says, where * stands for anything. */
function begins(path: string, pattern: string): boolean {
  return fitsWildcard(/^[/*]/.test(pattern) ? pattern : `/${pattern}`, path, { prefix: true });
}

/**
 * What addresses of one kind have in common: numbers and dates are all the same. A calendar's days, a shop's filters and
 * a forum's pages are of one kind each.
 */
export function shapeOf(url: URL): string {
  const path = url.pathname.replace(/\d+/g, "#");
  const names = [...url.searchParams.keys()];
  return names.length > 0 ? `${path}?${[...new Set(names)].join("&")}` : path;
}

/** Addresses that only a trap, or a mistake in relative links, makes. */
export function isTrap(url: URL): boolean {
  if (url.href.length > 1000 || url.searchParams.size > 8) return true;
  const parts = url.pathname.split("/").filter(Boolean);
  if (parts.length > 20) return true;
  // /a/b/a/b/a/b: a relative link that the server answers at every depth.
  return parts.some((part, at) => parts.filter((other, i) => i !== at && other === part).length >= 3);
}

/** Addresses of one shape that are read: with parameters, of nothing but numbers, and of any other kind. */
export function shapeLimit(shape: string): number {
  if (shape.includes("?")) return 60;
  return /^[/#.-]*$/.test(shape) ? 120 : /#/.test(shape) ? 2000 : Number.POSITIVE_INFINITY;
}
