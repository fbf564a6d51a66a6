import {
  type Answers,
  componentNames,
  isRealDomain,
  memoryOf,
  type Profile,
  profiles,
  resolveLeniently,
  type Settings,
  schemaAt,
  unflatten,
  validateAnswers,
} from "../stacks/config/index.ts";

/** Answers so far, by path, and the settings that follow from them. Every answer makes a new one. */
export interface Draft {
  given: Record<string, unknown>;
  settings: Settings;
  /** Memory of the machine that is free now, in MiB. */
  free: number;
}

export interface Choice {
  value: unknown;
  name: string;
  description?: string;
  /** Reason it cannot be chosen. */
  disabled?: string;
}

/** One question as data; the wizard only shows it. What it asks for, means and allows comes from the settings' schema. */
export interface Question {
  path: string;
  type: "select" | "input" | "confirm" | "providers";
  message: string;
  /** What it means. */
  help: string;
  /** What it costs in memory, in words; undefined where that is nothing. */
  cost(draft: Draft): string | undefined;
  when(draft: Draft): boolean;
  default(draft: Draft): unknown;
  choices?(draft: Draft): Choice[];
  /** The profile decides unless the answer differs, so that a change of profile keeps its sense. */
  followsProfile?: boolean;
}

/** In the order they are asked. */
export const questions: readonly Question[] = [
  ask("stack.kind", "select", "Where should it run?", { choices: kinds, cost: () => "depends on the profile" }),
  ask("profile", "select", "How much should run?", {
    choices: ({ settings }) => Object.values(profiles()).map((profile) => profileChoice(profile, settings.stack.kind)),
    cost: ({ free }) => `as listed; ${mebibytes(free)} are free`,
  }),
  ask("network.domain", "input", "Under which domain is it reached?"),
  ask("network.email", "input", "Which address may the certificate authority write to?", {
    when: ({ settings }) => settings.network.tls === "auto" && isRealDomain(settings.network.domain),
    default: ({ settings }) => settings.network.email ?? "",
  }),
  ask("organisation.name", "input", "What is your organisation called?"),
  ask("organisation.administrator.name", "input", "Login name of the first administrator?"),
  ask("organisation.administrator.email", "input", "E-mail address of the first administrator?"),
  product("storage", "Run object storage?"),
  product("code", "Run code hosting?"),
  product("metrics", "Run metrics?"),
  ask("models.providers", "providers", "Which model providers may be used?"),
  ask("secrets.backend", "select", "Where are secrets kept?", { choices: () => enumChoices("secrets.backend") }),
  ask("secrets.onepassword.vault", "input", "Which 1Password vault?", { when: usesOnePassword }),
  ask("secrets.onepassword.mode", "select", "How is 1Password reached?", {
    when: usesOnePassword,
    choices: () => enumChoices("secrets.onepassword.mode"),
  }),
  ask("telemetry.enabled", "confirm", "Send anonymous figures to an address of yours?"),
  ask("telemetry.endpoint", "input", "To which address?", { when: ({ settings }) => settings.telemetry.enabled }),
];

/** Questions of one model provider; the list ends with `done`. */
export const providerQuestions = {
  kind: "Add a model provider?",
  name: "Name of the provider?",
  baseUrl: "Where does it answer?",
  key: "Where is its key? (env:NAME or op://vault/item/field)",
} as const;

export function newDraft(given: Record<string, unknown>, env: NodeJS.ProcessEnv, free: number): Draft {
  const { settings } = resolveLeniently({ flags: given, env });
  return { given, settings, free };
}

/** The draft after an answer. Answers to questions that no longer apply go. */
export function answered(draft: Draft, question: Question, value: unknown, env: NodeJS.ProcessEnv): Draft {
  const { [question.path]: _, ...others } = draft.given;
  const without = newDraft(others, env, draft.free);
  const same = question.followsProfile && valueAt(without.settings, question.path) === value;
  const next = same || value === "" ? without : newDraft({ ...others, [question.path]: value }, env, draft.free);
  return withoutUseless(next, env);
}

function withoutUseless(draft: Draft, env: NodeJS.ProcessEnv): Draft {
  const useless = questions.filter((one) => one.path in draft.given && !one.when(draft)).map(({ path }) => path);
  if (useless.length === 0) return draft;
  const kept = Object.entries(draft.given).filter(([path]) => !useless.includes(path));
  return newDraft(Object.fromEntries(kept), env, draft.free);
}

/** What is wrong with an answer, in one sentence; undefined when nothing is. */
export function problemOf(path: string, value: unknown): string | undefined {
  return validateAnswers(unflatten([[path, value]]))[0]?.message;
}

/** What the answers file will hold, in the schema's order. */
export function answersOf(draft: Draft): Answers {
  const order = ["version", ...Object.keys(schemaAt([])?.properties ?? {})];
  const all = unflatten(Object.entries({ version: 1, ...draft.given }));
  return Object.fromEntries(order.flatMap((key) => (key in all ? [[key, all[key]]] : []))) as Answers;
}

/** A reference in which the provider's key is usually found. */
export function usualKey(kind: string): string {
  return `env:${kind.toUpperCase().replaceAll("-", "_")}_API_KEY`;
}

export function mebibytes(amount: number): string {
  return amount < 1024 ? `${Math.round(amount)} MiB` : `${(amount / 1024).toFixed(1)} GiB`;
}

export function valueAt(settings: Settings, path: string): unknown {
  return path.split(".").reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], settings);
}

function ask(path: string, type: Question["type"], message: string, rest: Partial<Question> = {}): Question {
  return {
    path,
    type,
    message,
    help: schemaAt(path.split("."))?.description ?? "",
    cost: () => undefined,
    when: () => true,
    default: ({ settings }) => valueAt(settings, path) ?? "",
    ...rest,
  };
}

function product(name: "storage" | "code" | "metrics", message: string): Question {
  return ask(`components.${name}`, "confirm", message, {
    followsProfile: true,
    cost: (draft) => {
      const own = profiles()[draft.settings.profile].memory.components[name] ?? 0;
      const before = memoryBefore(draft, name);
      return `${mebibytes(own)}; ${mebibytes(before + own)} with the above, of ${mebibytes(draft.free)} free`;
    },
  });
}

/** Sum of what always runs and of the products already asked about. */
function memoryBefore(draft: Draft, name: (typeof componentNames)[number]): number {
  const { components } = memoryOf(draft.settings);
  return componentNames.slice(0, componentNames.indexOf(name)).reduce((sum, one) => sum + (components[one] ?? 0), 0);
}

function kinds(): Choice[] {
  const asksMore = "needs an account and a zone, which configs/examples/dedicated.yaml shows";
  return [
    { value: "local", name: "local", description: "Native processes on this machine: no Docker, no root." },
    { value: "onprem", name: "onprem", description: "Docker containers on one machine, made by Pulumi." },
    { value: "saas", name: "saas", description: "Any Kubernetes cluster, for many tenants, made by Pulumi." },
    { value: "dedicated", name: "dedicated", description: "One customer's AWS account.", disabled: asksMore },
  ];
}

function profileChoice({ name, title, description, memory }: Profile, kind: Settings["stack"]["kind"]): Choice {
  const total = kind === "local" ? memory.total.local : memory.total.onprem;
  return { value: name, name: `${title.padEnd(8)}  ${mebibytes(total).padStart(8)}`, description };
}

function enumChoices(path: string): Choice[] {
  return (schemaAt(path.split("."))?.enum ?? []).map((value) => ({ value, name: String(value) }));
}

function usesOnePassword({ settings }: Draft): boolean {
  return settings.secrets.backend === "onepassword";
}
