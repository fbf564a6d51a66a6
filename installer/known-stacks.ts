import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DevflowError } from "../components/error.ts";
import { nearest } from "../stacks/config/nearest.ts";
import type { Place } from "./stack.ts";

/**
 * A name that was given and does not exist is a mistake; that the usual stack was never made is none.
 * @throws DevflowError NOT_FOUND with the stacks that there are
 */
export async function refuseUnknownStack({ name, home, paths }: Pick<Place, "name" | "home" | "paths">): Promise<void> {
  if (existsSync(paths.root)) return;
  const known = (await readdir(join(home.home, "stacks")).catch(() => [])).sort();
  const near = nearest(name, known);
  throw new DevflowError("NOT_FOUND", `There is no stack ${name} in ${home.home}.`, {
    hint: `${near ? `Did you mean ${near}? ` : ""}There are: ${known.join(", ") || "none yet"}.`,
  });
}
