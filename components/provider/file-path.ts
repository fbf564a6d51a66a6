import { Type } from "typebox";

/** Path of a rendered file below its folder, whose parts never lead out of it. @example "public/assets/site.css" */
export const FilePath = Type.String({ pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$" });

/** The folders that a file stands in, the uppermost first. @example "a/b/c.css" gives ["a", "a/b"] */
export function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}
