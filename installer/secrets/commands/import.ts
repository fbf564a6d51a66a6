import { resolve } from "node:path";
import { isReference, parseEnvText } from "../../../glue-services/secrets/backends/index.ts";
import { locateStack, type Place } from "../../stack.ts";
import { table } from "../../terminal/table.ts";
import { type SecretsApi, secretsApi } from "../api.ts";
import { demandName, platformFile } from "../platform-file.ts";
import { readText } from "../value.ts";
import { agree, type Input, type Options, queryOf, type Tier, tierOf } from "./input.ts";
import type { ApiEntry } from "./list.ts";

export async function importFile({ options, args: [given = ""], io }: Input): Promise<unknown> {
  const file = resolve(io.cwd, given);
  const text = await readText(file);
  const entries = parseEnvText(text);
  for (const name of entries.keys()) demandName(name);
  const place = await locateStack(io, options);
  const tier = tierOf(options);
  const api = tier === "platform" ? undefined : await secretsApi(io, options);
  const known = await namesIn(tier, place, api, options);
  const preview = [...entries].map(([name, value]) => ({
    name,
    change: known.get(name) === value ? "same" : known.has(name) ? "replaces" : "new",
    kind: isReference(value) ? "reference" : `value of ${value.length} characters`,
  }));
  if (!io.json) {
    const columns = [
      { title: "NAME", value: (row: (typeof preview)[number]) => row.name },
      { title: "", value: (row: (typeof preview)[number]) => row.change },
      { title: "WHAT", value: (row: (typeof preview)[number]) => row.kind },
    ];
    io.err(`${table(io, preview, columns).join("\n")}\n`);
  }
  await agree(io, options, `Set these for the ${tier}?`);
  const changing = [...entries].filter(([name, value]) => known.get(name) !== value);
  if (!api) await platformFile(place.paths.platformSecrets).change(Object.fromEntries(changing));
  else for (const [name, value] of changing) await api.call("PUT", `/${name}`, bodyOf(value, options));
  if (!io.json) io.err(`Set. ${given} still holds the values: remove it when nothing else reads it.\n`);
  return { tier, imported: preview };
}

/** Names, and values where they can be compared without reading what only services may. */
async function namesIn(tier: Tier, place: Place, api: SecretsApi | undefined, options: Options) {
  if (!api) return platformFile(place.paths.platformSecrets).read();
  const listed = await api.call<ApiEntry[]>("GET", queryOf(options));
  return new Map(
    listed.filter((entry) => entry.tier === tier).map(({ name }) => [name, undefined as string | undefined]),
  );
}

function bodyOf(value: string, options: Options): object {
  const project = options.project ? { project: options.project } : {};
  return isReference(value) ? { reference: value, ...project } : { value, ...project };
}
