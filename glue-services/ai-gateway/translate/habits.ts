import type { Provider } from "../providers/provider.ts";
import type { Candidate } from "../routing/plan.ts";
import { errorOf } from "../wire/error-text.ts";

/** What one model's server wants spelled otherwise, or does not know. It is learned from its first refusal. */
export type Habit =
  | "max_tokens"
  | "max_completion_tokens"
  | "no reasoning in history"
  | "no reasoning_effort"
  | "no stream_options"
  | "no strict"
  | "no thinking";

interface Lesson {
  /** Words of the refusal. */
  names: RegExp;
  /** What was sent. */
  sent: RegExp;
  habit: Habit;
}

/** Only what the gateway itself chose: a client can mend all else in its own request. */
const lessons: readonly Lesson[] = [
  // Of the two, the one that is refused is named first, and the one that is wanted behind it.
  { names: /^(?:(?!max_completion_tokens).)*?\bmax_tokens\b/s, sent: /"max_tokens":/, habit: "max_completion_tokens" },
  {
    names: /^(?:(?!\bmax_tokens\b).)*?\bmax_completion_tokens\b/s,
    sent: /"max_completion_tokens":/,
    habit: "max_tokens",
  },
  {
    names: /\breasoning(_content|_details)?\b/,
    sent: /"reasoning_(content|details)":|"type":"thinking"/,
    habit: "no reasoning in history",
  },
  { names: /\breasoning_effort\b/, sent: /"reasoning_effort":/, habit: "no reasoning_effort" },
  { names: /\bstream_options\b/, sent: /"stream_options":/, habit: "no stream_options" },
  { names: /\bstrict\b/, sent: /"strict":/, habit: "no strict" },
  { names: /\b(thinking|budget_tokens)\b/, sent: /"thinking":\{"type":"enabled"/, habit: "no thinking" },
];
const unknown =
  /not supported|unsupported|not support|unrecogni[sz]ed|unknown|not permitted|not allowed|unexpected|extra_forbidden|additional propert|invalid (field|parameter|argument)|does not (exist|support)|use '?max_(completion_)?tokens/i;

const learned = new WeakMap<Provider, Map<string, Set<Habit>>>();
const none: ReadonlySet<Habit> = new Set();
/** Models of a provider whose habits are remembered. */
const most = 1000;

export function habitsOf({ provider, model }: Candidate): ReadonlySet<Habit> {
  return learned.get(provider)?.get(model) ?? none;
}

/**
 * Learns from a refusal how a model wants to be asked.
 *
 * @param sent the request as it was refused
 * @returns whether asking again in the other spelling is of use
 */
export function learn(candidate: Candidate, sent: string, refusal: Buffer): boolean {
  const said = refusal.toString("utf8", 0, 4096);
  const lesson = lessons.find((one) => one.names.test(said) && one.sent.test(sent));
  if (!lesson || !isSpelling(refusal)) return false;
  const models = learned.get(candidate.provider) ?? new Map<string, Set<Habit>>();
  learned.set(candidate.provider, models);
  const habits = models.get(candidate.model) ?? new Set<Habit>();
  if (models.size < most) models.set(candidate.model, habits);
  if (habits.has(lesson.habit)) return false;
  habits.add(lesson.habit);
  // The two spellings of the limit take turns: a server that was changed is learned anew.
  if (lesson.habit === "max_tokens") habits.delete("max_completion_tokens");
  if (lesson.habit === "max_completion_tokens") habits.delete("max_tokens");
  return true;
}

/** Whether a server refuses a parameter as such, rather than its value, and one that the gateway spells. */
export function isSpelling(refusal: Buffer): boolean {
  const said = `${errorOf(refusal).message ?? ""} ${refusal.toString("utf8", 0, 4096)}`;
  return unknown.test(said) && lessons.some(({ names }) => names.test(said));
}
