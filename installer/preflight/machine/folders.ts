import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The path itself or its nearest parent that is there: where a folder that is still to be made will stand. */
export async function nearestExisting(path: string): Promise<string> {
  const here = resolve(path);
  const there = await stat(here).then(
    () => true,
    // A file in the middle of the path, or a folder that may not be entered, is itself the answer to look at.
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );
  return there || dirname(here) === here ? here : nearestExisting(dirname(here));
}

/** Folders that are worth a look, named for people. One place when both are the same. */
export function places(home: { home: string; cache: string }): { what: string; path: string }[] {
  return [
    { what: "data", path: home.home },
    { what: "cache", path: home.cache },
  ];
}
