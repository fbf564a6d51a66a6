import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DevflowError } from "../../components/error.ts";
import { isReference, parseEnvText, resolver, Unresolvable } from "../../glue-services/secrets/backends/index.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import { findAnswers } from "../answers.ts";
import { demandApi, type SecretsApi, secretsApi } from "../secrets/api.ts";
import { examineSecrets } from "../secrets/doctor.ts";
import { envFileStore } from "../secrets/env-file.ts";
import { demandName, platformFile } from "../secrets/platform-file.ts";
import { recipeOf } from "../secrets/rotation/recipe.ts";
import { readValue, unreadable } from "../secrets/value.ts";
import { locateStack, type Place } from "../stack.ts";
import { confirm } from "../terminal/confirm.ts";
import { paint } from "../terminal/paint.ts";
import { symbols } from "../terminal/symbols.ts";
import { table } from "../terminal/table.ts";
import { type Command, exitWith, type GlobalOptions, type Io, type Option } from "./command.ts";

type Tier = "platform" | "organisation" | "project";

interface Options extends GlobalOptions {
  tier?: Tier;
  project?: string;
  keyFile?: string;
  file?: string;
  reference?: string;
  overlap?: string;
  all?: boolean;
}

interface Input {
  options: Options;
  args: string[];
  io: Io;
}

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

const where: Option[] = [
  {
    flags: "--tier <tier>",
    description: "platform, organisation or project",
    choices: ["platform", "organisation", "project"],
  },
  { flags: "--project <id>", description: "project, for its own tier" },
  { flags: "--key-file <file>", description: "file of an organisation's API key (also DEVFLOW_API_KEY)" },
];
const fromFile: Option = {
  flags: "--file <file>",
  description: "read the value from a file (default: ask, or standard input)",
};
const name = {
  name: "name",
  description: "NAME_OF_SECRET, or component/credential for a generated one",
  required: true,
};

export const secrets: Command<Options> = {
  name: "secrets",
  summary: "List, read, set, rotate, import and examine secrets",
  examples: [
    { command: "./devflow secrets list", does: "names, tiers and ages, never values" },
    { command: "./devflow secrets set MAIL_PASSWORD", does: "ask for a value and keep it" },
    {
      command: "./devflow secrets rotate postgres/platform",
      does: "a new database password, without an interruption of queries",
    },
  ],
  subcommands: [
    {
      name: "list",
      summary: "Names, tier, backend, age and rotation; never values",
      options: where,
      examples: [{ command: "./devflow secrets list --json", does: "the same for programs" }],
      run: list,
    },
    {
      name: "get",
      summary: "Print one value to standard output",
      arguments: [name],
      options: where,
      examples: [{ command: "./devflow secrets get code/administrator | pbcopy", does: "into the clipboard (macOS)" }],
      run: get,
    },
    {
      name: "set",
      summary: "Set a value from a prompt, standard input or a file, or a reference",
      arguments: [name],
      options: [
        ...where,
        fromFile,
        { flags: "--reference <reference>", description: "where the value is: op://vault/item/field" },
      ],
      examples: [
        { command: "./devflow secrets set MAIL_PASSWORD < password.txt", does: "from standard input" },
        {
          command: "./devflow secrets set MAIL_PASSWORD --reference op://dev/mail/password",
          does: "keep it in 1Password",
        },
      ],
      run: set,
    },
    {
      name: "delete",
      summary: "Delete a secret that people set",
      arguments: [name],
      options: where,
      examples: [{ command: "./devflow secrets delete OLD_TOKEN", does: "ask, then delete it" }],
      run: remove,
    },
    {
      name: "rotate",
      summary: "Replace generated secrets while the former ones stay valid; without a name, finish what was begun",
      arguments: [{ ...name, required: false, variadic: true }],
      options: [
        ...where,
        fromFile,
        {
          flags: "--overlap <seconds>",
          description: "how long the former value of an organisation's secret stays valid",
          default: "0",
        },
        { flags: "--all", description: "every generated secret that can be rotated" },
      ],
      examples: [{ command: "./devflow secrets rotate storage/secret-key --yes", does: "rotate the keys of storage" }],
      run: async (input) => (await import("../secrets/rotation/command.ts")).rotateCommand(input, setOrRotate),
    },
    {
      name: "import",
      summary: "Take secrets over from a .env file, after showing their names",
      arguments: [{ name: "file", description: "a .env file", required: true }],
      options: where,
      examples: [{ command: "./devflow secrets import .env", does: "show what would be set, ask, set it" }],
      run: importFile,
    },
    {
      name: "doctor",
      summary: "Find readable files, references that fail, unfinished rotations, old secrets and copies",
      examples: [{ command: "./devflow secrets doctor", does: "what is wrong, with what fixes it" }],
      run: doctor,
    },
  ],
};

async function list({ options, io }: Input): Promise<ListedSecret[]> {
  const place = await locateStack(io, options);
  const api = await apiOf(place, io, options);
  const own = options.tier === "organisation" || options.tier === "project" ? [] : await localSecrets(place);
  const query = options.project ? `?project=${encodeURIComponent(options.project)}` : "";
  const others = api ? await api.call<ApiEntry[]>("GET", query) : [];
  const rows = [...own, ...others.filter(({ tier }) => tier !== "platform").map(fromApi)].filter(
    ({ tier }) => options.tier === undefined || tier === options.tier,
  );
  if (io.json) return rows;
  const lines = table(io, rows, [
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

interface ApiEntry extends Omit<ListedSecret, "rotation"> {
  rotation: { state: string };
}

function fromApi({ name, tier, backend, project, ageDays, lastUsedAt, rotation }: ApiEntry): ListedSecret {
  return { name, tier, backend, project, ageDays, lastUsedAt, rotation: rotation.state };
}

async function get({ options, args: [name = ""], io }: Input): Promise<{ name: string; value: string }> {
  const value = await secretValue(io, options, name);
  if (!io.json) io.out(`${value}\n`);
  return { name, value };
}

/** @throws DevflowError NOT_FOUND with the nearest name */
export async function secretValue(io: Io, options: Options, name: string): Promise<string> {
  const place = await locateStack(io, options);
  if (options.tier === "organisation" || options.tier === "project" || options.project) {
    const api = demandApi(await apiOf(place, io, options));
    const wanted = { name, purpose: "devflow secrets get", ...(options.project && { project: options.project }) };
    return (await api.call<{ value: string }>("POST", "/resolve", wanted)).value;
  }
  const { paths, name: stack } = place;
  const store = envFileStore(paths.secrets);
  const file = await platformFile(paths.platformSecrets).read();
  const found = name.includes("/") ? await store.get(name) : file.get(name);
  if (found === undefined) {
    const near = nearest(name, [...file.keys(), ...(await store.list())]);
    throw new DevflowError("NOT_FOUND", `Stack ${stack} has no secret "${name}".`, {
      hint: near ? `Did you mean ${near}?` : "./devflow secrets list names them; ./devflow up makes generated ones.",
      docs: "secrets",
    });
  }
  return isReference(found) ? read(paths.platformSecrets, found, io.signal) : found;
}

async function read(file: string, reference: string, signal: AbortSignal): Promise<string> {
  return resolver({ file })
    .resolve(reference, signal)
    .catch((error: unknown) => {
      if (!(error instanceof Unresolvable)) throw error;
      throw new DevflowError("COMMAND_FAILED", error.message, { hint: error.hint, docs: "secrets", cause: error });
    });
}

async function set(input: Input): Promise<unknown> {
  const { options, args, io } = input;
  const [name = ""] = args;
  refuseGenerated(name, "set");
  if (options.reference !== undefined && !isReference(options.reference)) {
    throw new DevflowError("USAGE", "A reference is op://vault/item/field or env:NAME.", {
      hint: "Give a value by standard input, never as an argument: other users of the machine can read those.",
      docs: "secrets",
    });
  }
  const value = options.reference ?? (await readValue(io, { name, file: options.file }));
  const told = await setOrRotate(io, options, name, value, "set");
  if (!io.json) io.err(`${paint(io, "green", symbols(io).done)} ${name} is set for the ${told.tier}.\n`);
  return told;
}

async function setOrRotate(io: Io, options: Options, name: string, value: string, how: "set" | "rotate") {
  demandName(name);
  const tier = tierOf(options);
  const place = await locateStack(io, options);
  if (tier === "platform") {
    await platformFile(place.paths.platformSecrets).change({ [name]: value });
    return { name, tier };
  }
  const api = demandApi(await apiOf(place, io, options));
  const project = options.project ? { project: options.project } : {};
  if (how === "rotate") {
    await api.call("POST", `/${name}/rotate`, { value, overlap: Number(options.overlap ?? 0), ...project });
  } else {
    await api.call("PUT", `/${name}`, { ...(options.reference ? { reference: value } : { value }), ...project });
  }
  return { name, tier };
}

async function remove({ options, args: [name = ""], io }: Input): Promise<unknown> {
  refuseGenerated(name, "delete");
  demandName(name);
  const tier = tierOf(options);
  const place = await locateStack(io, options);
  await agree(io, options, `Delete ${name} of the ${tier}?`);
  if (tier === "platform") {
    const file = platformFile(place.paths.platformSecrets);
    if (!(await file.read()).has(name)) {
      throw new DevflowError("NOT_FOUND", `The platform has no secret ${name}.`, {
        hint: "./devflow secrets list names them.",
      });
    }
    await file.change({ [name]: undefined });
  } else {
    const query = options.project ? `?project=${encodeURIComponent(options.project)}` : "";
    await demandApi(await apiOf(place, io, options)).call("DELETE", `/${name}${query}`);
  }
  return { deleted: name, tier };
}

async function importFile({ options, args: [given = ""], io }: Input): Promise<unknown> {
  const file = resolve(io.cwd, given);
  const text = await readFile(file, "utf8").catch((error) => Promise.reject(unreadable(file, error)));
  const entries = parseEnvText(text);
  for (const name of entries.keys()) demandName(name);
  const place = await locateStack(io, options);
  const tier = tierOf(options);
  const api = tier === "platform" ? undefined : demandApi(await apiOf(place, io, options));
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
  const query = options.project ? `?project=${encodeURIComponent(options.project)}` : "";
  const listed = await api.call<ApiEntry[]>("GET", query);
  return new Map(
    listed.filter((entry) => entry.tier === tier).map(({ name }) => [name, undefined as string | undefined]),
  );
}

function bodyOf(value: string, options: Options): object {
  const project = options.project ? { project: options.project } : {};
  return isReference(value) ? { reference: value, ...project } : { value, ...project };
}

async function doctor({ options, io }: Input): Promise<unknown> {
  const { paths } = await locateStack(io, options);
  const { file } = await findAnswers({ answers: options.answers, env: io.env, cwd: io.cwd });
  const findings = await examineSecrets(paths, [file, join(dirname(file), ".env")]);
  const problems = findings.filter(({ level }) => level === "problem");
  if (!io.json) {
    const mark = (level: string) =>
      level === "problem" ? paint(io, "red", symbols(io).failed) : paint(io, "yellow", symbols(io).warning);
    for (const { level, what, fix } of findings) io.out(`${mark(level)} ${what}\n  ${paint(io, "dim", fix)}\n`);
    if (findings.length === 0) io.out(`${paint(io, "green", symbols(io).done)} Nothing is wrong with the secrets.\n`);
  }
  return exitWith(problems.length > 0 ? 1 : 0, { ok: problems.length === 0, findings });
}

function tierOf({ tier, project }: Options): Tier {
  if (project !== undefined && tier !== undefined && tier !== "project") {
    throw new DevflowError("USAGE", `--project is for the tier project, not ${tier}.`, {
      hint: "Leave one of them out.",
    });
  }
  if (tier === "project" && project === undefined) {
    throw new DevflowError("USAGE", "The tier project needs --project <id>.", { hint: "Give the project's id." });
  }
  return tier ?? (project === undefined ? "platform" : "project");
}

function refuseGenerated(name: string, verb: string): void {
  if (!name.includes("/")) return;
  throw new DevflowError("USAGE", `${name} is generated: it cannot be ${verb === "set" ? "set" : "deleted"} by hand.`, {
    hint: `./devflow secrets rotate ${name} replaces it while everything runs.`,
    docs: "secrets",
  });
}

async function agree(io: Io, options: Options, question: string): Promise<void> {
  if (options.yes) return;
  if (!io.interactive) {
    throw new DevflowError("USAGE", "This asks first, and nobody can be asked here.", { hint: "Add --yes to agree." });
  }
  if (!(await confirm(io, question))) {
    throw new DevflowError("ABORTED", "Nothing was changed.", { hint: "Run it again when you mean it." });
  }
}

async function apiOf(_place: Place, io: Io, options: Options): Promise<SecretsApi | undefined> {
  if (!options.keyFile && !io.env.DEVFLOW_API_KEY) return undefined;
  const { portsOf } = await import("../secrets/rotation/apply.ts");
  const { platform: port } = await portsOf(io, options);
  return secretsApi({ port, keyFile: options.keyFile && resolve(io.cwd, options.keyFile), env: io.env });
}
