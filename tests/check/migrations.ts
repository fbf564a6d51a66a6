import { basename, dirname } from "node:path";
import { sources } from "./sources.ts";

/** Migrations of a service whose numbers are not 1, 2, 3 …: two branches that each add the next one meet here. */
export function migrations(): string[] {
  const folders = Map.groupBy(
    sources(".sql").filter((file) => basename(dirname(file)) === "migrations"),
    (file) => dirname(file),
  );
  return [...folders].flatMap(([folder, files]) =>
    files
      .map((file) => basename(file))
      .sort()
      .flatMap((name, index) => {
        const wanted = String(index + 1).padStart(4, "0");
        return name.startsWith(`${wanted}-`) ? [] : [`${folder}/${name}: this place is number ${wanted}'s`];
      }),
  );
}
