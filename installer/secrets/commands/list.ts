import { isReference } from "../../../glue-services/secrets/backends/index.ts";
import { locateStack, type Place } from "../../stack.ts";
import { onStdout } from "../../terminal/io.ts";
import { paint } from "../../terminal/paint.ts";
import { table } from "../../terminal/table.ts";
import { envFileStore } from "../env-file.ts";
import { platformFile } from "../platform-file.ts";
import { recipeOf } from "../rotation/recipe.ts";
import { apiOf, type Input, queryOf, type Tier } from "./input.ts";

/** A secret in a list; there is no field for a value. */
export interface ListedSecret {
  name: string;
  tier: Tier;
  backend: string;
  project: string | null;
  ageDays: number | null;
  lastUsedAt: string | null;
  rotation: string;
}

export async function list({ options, io }: Input): Promise<ListedSecret[]> {
  const place = await locateStack(io, options);
  const api = await apiOf(io, options);
  const own = options.tier === "organisation" || options.tier === "project" ? [] : await localSecrets(place);
  const others = api ? await api.call<ApiEntry[]>("GET", queryOf(options)) : [];
  const rows = [...own, ...others.filter(({ tier }) => tier !== "platform").map(fromApi)].filter(
    ({ tier }) => options.tier === undefined || tier === options.tier,
  );
  if (io.json) return rows;
  const lines = table(onStdout(io), rows, [
    { title: "NAME", value: (row) => row.name },
    { title: "TIER", value: (row) => row.tier },
    { title: "BACKEND", value: (row) => row.backend },
    { title: "AGE", value: ({ ageDays }) => (ageDays === null ? "" : `${ageDays} d`), align: "right" },
    { title: "LAST USED", value: (row) => row.lastUsedAt?.slice(0, 10) ?? "" },
    { title: "ROTATION", value: (row) => row.rotation },
  ]);
  io.out(`${lines.join("\n")}\n`);
  if (!api)
    io.err(paint(io, "dim", "Those of organisations are listed with an API key: --key-file or DEVFLOW_API_KEY.\n"));
  return rows;
}

/** Generated ones and those people set for the platform. */
async function localSecrets({ paths }: Place): Promise<ListedSecret[]> {
  const generated = (await envFileStore(paths.secrets).describe()).map(({ name, since, overlap }) => {
    const recipe = recipeOf(name);
    const rotation = overlap ? "under way" : !recipe || "refused" in recipe ? "not possible" : "by command";
    const ageDays = since === undefined ? null : Math.floor((Date.now() - Date.parse(since)) / 86_400_000);
    return { ...platformEntry(name, "generated", rotation), ageDays };
  });
  const set = [...(await platformFile(paths.platformSecrets).read())].map(([name, value]) =>
    platformEntry(name, isReference(value) ? "1password" : "env-file", "where it is kept"),
  );
  return [...set, ...generated];
}

function platformEntry(name: string, backend: string, rotation: string): ListedSecret {
  return { name, tier: "platform", backend, project: null, ageDays: null, lastUsedAt: null, rotation };
}

export interface ApiEntry extends Omit<ListedSecret, "rotation"> {
  rotation: { state: string };
}

function fromApi({ name, tier, backend, project, ageDays, lastUsedAt, rotation }: ApiEntry): ListedSecret {
  return { name, tier, backend, project, ageDays, lastUsedAt, rotation: rotation.state };
}
