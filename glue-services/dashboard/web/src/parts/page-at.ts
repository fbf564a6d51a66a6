/**
 * Address of a page that a service declares: the types of the router know none of them.
 *
 * @example pageAt("/runs", id)
 */
export function pageAt(path: string, ...parts: string[]): string {
  return [path, ...parts.map(encodeURIComponent)].join("/");
}
