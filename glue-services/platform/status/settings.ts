import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { runIds } from "../runs/read.ts";

/** A setting in force and where it comes from. Values of secrets are already taken out by who wrote it. */
export const Setting = Type.Object({
  path: Type.String(),
  value: Type.Unknown(),
  from: Type.String({ description: "flag, answers, environment, profile or default." }),
  where: Type.String({ description: "The file and line, the variable, the profile." }),
});
export type Setting = Static<typeof Setting>;

const understands = new Ajv().compile<Setting[]>(Type.Array(Setting));

/** Settings of the newest run that recorded them in `settings.json`; undefined when none did. */
export async function readSettings(
  runs: string | undefined,
): Promise<{ run: string; settings: Setting[] } | undefined> {
  if (!runs) return undefined;
  for (const run of (await runIds(runs)).slice(0, 20)) {
    const content = await readFile(join(runs, run, "settings.json"), "utf8").catch(() => undefined);
    if (content === undefined) continue;
    const settings: unknown = JSON.parse(content);
    if (understands(settings)) return { run, settings };
  }
  return undefined;
}
