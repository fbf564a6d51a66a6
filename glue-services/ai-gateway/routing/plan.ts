import type { Caller } from "../callers.ts";
import { findListed, kindOf } from "../prices/prices.ts";
import { type HasKey, keyMissing } from "../providers/keys.ts";
import { type Provider, providerFrom } from "../providers/provider.ts";
import type { ProviderGiven, ProviderKind, RouteGiven, RouteOptions } from "../schemas.ts";
import type { FindKeyless, Settings } from "../settings.ts";
import { CallError } from "../wire/call-error.ts";

/** One model at one provider. */
export interface Candidate {
  provider: Provider;
  /** As the provider names it. */
  model: string;
  /** `provider/model`. */
  id: string;
  /** Tokens of question and answer together; undefined when it is not known. */
  context: number | undefined;
}

/** What answers a name, in the order in which it is tried. */
export interface Plan {
  candidates: readonly Candidate[];
  options: Required<RouteOptions>;
}

export const defaultOptions: Required<RouteOptions> = {
  retries: 1,
  firstByteMs: 120_000,
  stallMs: 60_000,
  totalMs: 900_000,
  cut: "error",
};

/** The provider of local embeddings, which is always there. */
export const localProvider: Provider = providerFrom(
  { name: "local", kind: "openai-compatible", baseUrl: "http://127.0.0.1:1", free: true },
  { organisation: undefined, internal: true },
);
export const localEmbedding = "local/multilingual-e5-small";

/** What the routes `smart` and `fast` mean at each kind of provider, unless somebody says otherwise. */
const usual: Record<"smart" | "fast", Partial<Record<ProviderKind, string>>> = {
  smart: {
    anthropic: "claude-sonnet-4-5",
    openai: "gpt-5.1",
    google: "gemini-2.5-pro",
    bedrock: "anthropic.claude-sonnet-4-5-20250929-v1:0",
  },
  fast: {
    anthropic: "claude-haiku-4-5",
    openai: "gpt-5-mini",
    google: "gemini-2.5-flash",
    bedrock: "anthropic.claude-haiku-4-5-20251001-v1:0",
  },
};

export interface Planner {
  /**
   * @param target what stands for the name where it is no route and names no provider
   * @throws CallError when the name means nothing, or the caller may not use it
   */
  plan(caller: Caller, asked: string, target?: string, random?: () => number): Plan;
  providers(caller: Pick<Caller, "organisation" | "settings">): readonly Provider[];
  routes(caller: Pick<Caller, "organisation" | "settings">): ReadonlyMap<string, RouteGiven>;
  /** Which providers' keys are not set. */
  findKeyless(has: HasKey): FindKeyless;
}

/** Resolved once for an organisation's settings, and kept as long as these are. */
interface Resolved {
  providers: Provider[];
  routes: Map<string, RouteGiven>;
  keyless: ReadonlySet<string>;
  plans: Map<string, { groups: Weighted[][]; options: Required<RouteOptions> }>;
}

interface Weighted {
  candidate: Candidate;
  weight: number;
}

export function planner(platform: readonly ProviderGiven[]): Planner {
  const own = platform.map((given) => providerFrom(given, { organisation: undefined, internal: true }));
  const known = new WeakMap<Settings, Resolved>();
  return {
    providers: (caller) => resolvedOf(caller).providers,
    routes: (caller) => resolvedOf(caller).routes,
    findKeyless: (has) => async (organisation, added) => {
      const all = providersOf(organisation, added);
      const found = await Promise.all(all.map((one) => has(one, organisation)));
      return new Set(all.filter((_, at) => !found[at]).map(({ name }) => name));
    },
    plan(caller, asked, target = asked, random = Math.random) {
      const resolved = resolvedOf(caller);
      let found = resolved.plans.get(target);
      if (!found) {
        found = resolve(resolved, target);
        // Names that mean something are few, and no longer than inputs.ts lets them be; others are never kept.
        if (resolved.plans.size >= 1000) resolved.plans.clear();
        resolved.plans.set(target, found);
      }
      demandAllowed(caller, asked, found.groups);
      const [group, ...others] = found.groups;
      if (others.length === 0 && group?.length === 1) {
        return { candidates: [(group[0] as Weighted).candidate], options: found.options };
      }
      return { candidates: found.groups.flatMap((one) => shuffled(one, random)), options: found.options };
    },
  };

  function resolvedOf({ organisation, settings }: Pick<Caller, "organisation" | "settings">): Resolved {
    const before = known.get(settings);
    if (before) return before;
    const providers = [...providersOf(organisation, settings.providers), localProvider];
    const { keyless } = settings;
    const routes = new Map([...standard(providers.filter(({ name }) => !keyless.has(name))), ...settings.routes]);
    const resolved = { providers, routes, keyless, plans: new Map() };
    known.set(settings, resolved);
    return resolved;
  }

  function providersOf(organisation: string, given: Settings["providers"]): Provider[] {
    const added = given.map((one) => providerFrom(one, { organisation, internal: one.internal }));
    // An organisation's own provider goes before the platform's of the same name.
    const names = new Set(added.map(({ name }) => name));
    return [...added, ...own.filter(({ name }) => !names.has(name))];
  }
}

function standard(providers: readonly Provider[]): Map<string, RouteGiven> {
  const routes = new Map<string, RouteGiven>([["embed", { targets: [{ model: localEmbedding }] }]]);
  for (const name of ["smart", "fast"] as const) {
    const targets = providers.flatMap((provider) => {
      const model = usual[name][provider.kind];
      return model ? [{ model: `${provider.name}/${model}` }] : [];
    });
    if (targets.length > 0) routes.set(name, { targets: targets.map((target, group) => ({ ...target, group })) });
  }
  return routes;
}

function resolve({ providers, routes, keyless }: Resolved, asked: string) {
  const route = routes.get(asked);
  if (!route && (asked === "smart" || asked === "fast")) {
    // The route is there as soon as one of these has its key.
    const waiting = providers.filter(({ name, kind }) => keyless.has(name) && usual[asked][kind]);
    if (waiting.length > 0) throw keyMissing(waiting.map(({ name }) => name));
  }
  if (!route) return { groups: [[{ candidate: candidateOf(providers, asked), weight: 1 }]], options: defaultOptions };
  const groups: Weighted[][] = [];
  for (const { model, weight = 1, group = 0 } of route.targets) {
    // A target whose provider was taken away is passed over, as long as another one is there.
    const candidate = tryCandidate(providers, model);
    if (!candidate) continue;
    groups[group] = [...(groups[group] ?? []), { candidate, weight }];
  }
  const filled = groups.filter((one) => one !== undefined);
  if (filled.length === 0) throw unknownModel(`The route ${asked} names no provider that is there.`);
  return { groups: filled, options: { ...defaultOptions, ...route.options } };
}

function candidateOf(providers: readonly Provider[], asked: string): Candidate {
  const found = tryCandidate(providers, asked);
  if (found) return found;
  if (providers.length === 1) {
    throw unknownModel(
      `There is no model ${asked}: no provider is set up yet, only local embeddings.`,
      "Add a provider on the page Models, or in devflow.yaml under models.providers.",
    );
  }
  throw unknownModel(`There is no model or route ${asked}.`, "GET /v1/models lists what there is.");
}

function tryCandidate(providers: readonly Provider[], asked: string): Candidate | undefined {
  const slash = asked.indexOf("/");
  const named = providers.find(({ name }) => slash > 0 && name === asked.slice(0, slash));
  if (named === localProvider && asked !== localEmbedding) return undefined;
  if (named) return candidate(named, asked.slice(slash + 1));
  const kind = kindOf(asked);
  const provider = providers.find((one) => one.kind === kind && one !== localProvider);
  return provider && candidate(provider, asked);
}

function candidate(provider: Provider, model: string): Candidate {
  const context = findListed(provider.kind, model)?.context;
  return { provider, model, id: `${provider.name}/${model}`, context };
}

/**
 * What is wrong with a route's target, in a sentence; undefined when nothing is. Which models a provider has, its own
 * list says only in part, so that only what cannot be one is refused.
 */
export function targetProblem(providers: readonly Provider[], target: string): string | undefined {
  const found = tryCandidate(providers, target);
  if (!found) {
    const [name = ""] = target.split("/", 1);
    if (!target.includes("/")) return `${target} names no provider: a target is provider/model.`;
    if (name === localProvider.name) return `There is no model ${target}: only ${localEmbedding} runs here.`;
    return `There is no provider ${name}.`;
  }
  const { provider, model } = found;
  if (model.trim() === "" || /\s/.test(model)) return `${target} names no model: a target is provider/model.`;
  // Their names have no slash; elsewhere it belongs to the name, as in org/model.
  if (model.includes("/") && (provider.kind === "openai" || provider.kind === "anthropic")) {
    return `${provider.name} has no model ${model}: a target is one provider and one of its models.`;
  }
  return undefined;
}

/** A key may name routes, models, or all of a provider as `openai/*`. */
function demandAllowed({ models }: Caller, asked: string, groups: Weighted[][]): void {
  if (models.length === 0 || models.includes(asked)) return;
  const fits = ({ candidate: { id, provider } }: Weighted) =>
    models.includes(id) || models.includes(`${provider.name}/*`);
  if (groups.every((group) => group.every(fits))) return;
  throw new CallError(403, "model_not_allowed", `This key may not use ${asked}.`, {
    hint: `It may use ${models.join(", ")}.`,
  });
}

function unknownModel(message: string, hint = ""): CallError {
  return new CallError(404, "model_not_found", message, { hint });
}

/** A random order in which a weight twice as high comes first twice as often. */
function shuffled(group: readonly Weighted[], random: () => number): Candidate[] {
  if (group.length === 1) return [(group[0] as Weighted).candidate];
  return group
    .map(({ candidate, weight }) => ({ candidate, key: weight === 0 ? -1 : random() ** (1 / weight) }))
    .sort((a, b) => b.key - a.key)
    .map(({ candidate: one }) => one);
}
