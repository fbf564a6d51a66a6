import { dirname, resolve as resolvePath } from "node:path";
import { loginName } from "../../components/provider/login-name.ts";
import { answersLayer, placeIn } from "./answers-layer.ts";
import { assignmentLayer } from "./assignment.ts";
import { computedDefaults } from "./computed.ts";
import type { AnswersFile } from "./document.ts";
import { environmentLayer, environmentWarnings } from "./environment.ts";
import { checkedLayer, joined, type Layer, located, type Where } from "./layer.ts";
import { flatten, type Leaf, leaves, unflatten } from "./paths.ts";
import { ConfigInvalid, type Problem, place } from "./problem.ts";
import { profiles } from "./profiles.ts";
import { rules, warningsOf } from "./rules.ts";
import type { ProfileName, Settings } from "./schema.ts";
import { validateSettings } from "./validate.ts";

export interface ResolveInput {
  /** Values of flags that stand for one setting (`--profile`, `--stack`), by path. */
  flags?: Record<string, unknown>;
  /** `path=value` of each `--set`; they win over `flags`. */
  set?: readonly string[];
  answers?: AnswersFile | undefined;
  /** @default {} */
  env?: NodeJS.ProcessEnv;
  /** Login name of the person. @default that of the operating system */
  user?: string;
  /** Where relative paths of flags and variables start. @default the current folder */
  cwd?: string;
}

export type From = "flag" | "answers" | "environment" | "profile" | "default";

/** Where a setting comes from; `value` is undefined for an optional setting that nobody gave. */
export interface Source {
  value: unknown;
  from: From;
  /** `devflow.yaml:3:9`, `--set network.port`, `DEVFLOW_NETWORK_PORT`, `profile standard`, … */
  where: string;
}

export interface Resolution {
  settings: Settings;
  /** By path of the setting, every setting, in the schema's order. */
  sources: Record<string, Source>;
  /** What is allowed but most likely not meant. */
  warnings: string[];
}

/**
 * Settings in force: flag > answers file > `DEVFLOW_*` environment > profile > default.
 * @throws ConfigInvalid with every problem of every source at once.
 */
export function resolveSettings(input: ResolveInput): Resolution {
  const { problems, ...resolution } = resolveLeniently(input);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return resolution;
}

/** The same for who wants to go on: what is wrong is left out and told in `problems`. */
export function resolveLeniently(input: ResolveInput): Resolution & { problems: Problem[] } {
  const env = input.env ?? {};
  const given: [From, Layer][] = [
    ["flag", joined([flagLayer(input.flags ?? {}), assignmentLayer(input.set ?? [])])],
    ["answers", answersLayer(input.answers)],
    ["environment", environmentLayer(env)],
  ];
  const places = new Map<string, Where>();
  const sources: Record<string, Source> = {};
  const profile = pick("profile", given)?.source.value ?? "standard";
  const fromProfile = flatten(profiles()[profile as ProfileName].settings);

  for (const leaf of leaves) {
    const found = pick(leaf.path, given);
    if (found) places.set(leaf.path, found.where);
    sources[leaf.path] = found
      ? anchored(found.source, leaf, input)
      : fallback(leaf, fromProfile, `profile ${profile}`, given);
  }
  const known = new Map(leaves.map(({ path }) => [path, sources[path]?.value]));
  for (const [path, { value, where }] of computedDefaults({
    settings: known,
    user: input.user ?? loginName(),
  })) {
    if (sources[path]?.from === "default") sources[path] = { value, from: "default", where };
  }

  const present = Object.entries(sources).flatMap(([path, { value }]) =>
    value === undefined ? [] : [[path, value] as const],
  );
  // Optional sections that hold only optional settings still belong to the shape.
  const settings = { ...unflatten(present) } as Settings;
  settings.artifacts.mirrors ??= {};
  const problems = given.flatMap(([, layer]) => layer.problems);
  return {
    settings,
    sources,
    problems: [...problems, ...brokenRules(settings, sources, places, problems, input.answers)],
    warnings: [...environmentWarnings(env), ...warningsOf(settings), ...uselessSettings(settings, sources)],
  };
}

const flagNames: Record<string, string> = { "stack.name": "--stack", profile: "--profile" };

/** Values of flags alone, by path. @throws ConfigInvalid */
export function resolveFlags(flags: Record<string, unknown>): Record<string, unknown> {
  const { values, problems } = flagLayer(flags);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return Object.fromEntries([...values].map(([path, { value }]) => [path, value]));
}

function flagLayer(flags: Record<string, unknown>): Layer {
  const set = Object.entries(flags).filter(([, value]) => value !== undefined);
  return joined(
    set.map(([path, value]) =>
      checkedLayer(unflatten([[path, value]]), () => ({
        file: flagNames[path] ?? `flag for ${path}`,
        line: undefined,
        column: undefined,
      })),
    ),
  );
}

function pick(path: string, given: [From, Layer][]): { source: Source; where: Where } | undefined {
  for (const [from, layer] of given) {
    const found = layer.values.get(path);
    if (found) return { source: { value: found.value, from, where: place(found.where) }, where: found.where };
  }
  return undefined;
}

function fallback(leaf: Leaf, profile: Map<string, unknown>, name: string, given: [From, Layer][]): Source {
  if (profile.has(leaf.path)) return { value: profile.get(leaf.path), from: "profile", where: name };
  // Defaults inside a section that may be missing count only once somebody gave a part of it.
  const absent =
    leaf.within &&
    !given.some(([, layer]) => [...layer.values.keys()].some((path) => path.startsWith(`${leaf.within}.`)));
  const value = absent ? undefined : leaf.schema.default;
  return { value, from: "default", where: value === undefined ? "not set" : "default" };
}

/** Relative paths start at the answers file, or at the current folder for flags and variables. */
function anchored(source: Source, leaf: Leaf, input: ResolveInput): Source {
  if (!leaf.schema["x-path"] || typeof source.value !== "string") return source;
  const cwd = input.cwd ?? process.cwd();
  const start = source.from === "answers" && input.answers ? dirname(resolvePath(cwd, input.answers.file)) : cwd;
  return { ...source, value: resolvePath(start, source.value) };
}

function brokenRules(
  settings: Settings,
  sources: Record<string, Source>,
  places: Map<string, Where>,
  known: Problem[],
  answers: AnswersFile | undefined,
): Problem[] {
  // A rule over a value that is wrong already would only say the same again in other words.
  const isKnown = (path: string) =>
    known.some(
      (problem) =>
        problem.path === path ||
        problem.path.startsWith(`${path}.`) ||
        path.startsWith(`${problem.path}.`) ||
        problem.path.startsWith(`${path}[`),
    );
  const broken = rules.flatMap(({ path, reads, allowed, broken }): Problem[] => {
    if ([path, ...reads].some(isKnown)) return [];
    const message = broken(settings);
    if (message === undefined) return [];
    const at = [path, ...reads].map((one) => places.get(one)).find((one) => one !== undefined) ?? nowhere(answers);
    return [located({ path, value: sources[path]?.value, allowed, suggestion: undefined, message }, at)];
  });
  const incomplete = validateSettings(settings)
    .filter(({ path }) => !isKnown(path) && !broken.some((problem) => path.startsWith(problem.path)))
    .map((finding) => located(finding, answers ? placeIn(answers, finding.segments, finding.at) : nowhere(answers)));
  return [...broken, ...incomplete];
}

function nowhere(answers: AnswersFile | undefined): Where {
  return { file: answers?.file ?? "settings", line: undefined, column: undefined };
}

function uselessSettings(settings: Settings, sources: Record<string, Source>): string[] {
  const { kind } = settings.stack;
  return leaves
    .filter(({ path, schema }) => {
      const from = sources[path]?.from;
      return from !== "default" && from !== "profile" && schema["x-stacks"] && !schema["x-stacks"].includes(kind);
    })
    .map(({ path }) => `${path} (${sources[path]?.where}) has no effect on a stack of kind ${kind}.`);
}
