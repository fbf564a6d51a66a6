import type { Provider } from "../providers/provider.ts";
import type { Candidate } from "../routing/plan.ts";
import { errorOf } from "../wire/error-text.ts";
import { refusedParameter } from "./refused-parameter.ts";

/** What one model's server wants spelled otherwise, or does not know. It is learned from its first refusal. */
export type Habit =
  /** It has no chat completions. */
  | "responses only"
  | "max_tokens"
  | "max_completion_tokens"
  | "no reasoning in history"
  | "no reasoning_effort"
  | "no stream_options"
  | "no strict"
  | "no thinking";

interface Lesson {
  /** The refused parameter, by its place in the request. */
  names: RegExp;
  /** Whether the request had it from the gateway, so that its refusal says something of the model. */
  sent(body: Sent, text: string): boolean;
  habit: Habit;
}

type Sent = Record<string, unknown>;

/** Only what the gateway itself chose: a client can mend all else in its own request. */
const lessons: readonly Lesson[] = [
  // A request with both is wrong by itself, and says nothing of the model.
  { names: /^max_tokens$/, sent: (body) => only(body, "max_tokens"), habit: "max_completion_tokens" },
  { names: /^max_completion_tokens$/, sent: (body) => only(body, "max_completion_tokens"), habit: "max_tokens" },
  {
    names: /^(?:messages\.\d+\.(?:\w+\.)?)?reasoning(?:_content|_details)?$/,
    sent: ({ reasoning }, text) =>
      reasoning === undefined && /"reasoning_(content|details)":|"type":"thinking"/.test(text),
    habit: "no reasoning in history",
  },
  { names: /^reasoning_effort$/, sent: (body) => body.reasoning_effort != null, habit: "no reasoning_effort" },
  {
    names: /^stream_options(?:\.include_usage)?$/,
    sent: ({ stream, stream_options: options }) => stream === true && options != null,
    habit: "no stream_options",
  },
  {
    names: /^(?:tools\.\d+\.(?:function\.|custom\.)?)?strict$/,
    sent: (body) => {
      const places = placesOf(body, "strict");
      return places.length > 0 && places.every((place) => /^tools\.\d+\.(function\.)?strict$/.test(place));
    },
    habit: "no strict",
  },
  {
    names: /^thinking(?:\.type|\.budget_tokens|(?:\.type)?\.enabled(?:\.budget_tokens)?)?$|^budget_tokens$/,
    sent: ({ thinking }) => (thinking as Sent | null | undefined)?.type === "enabled",
    habit: "no thinking",
  },
];

/** Words by which a server may mean a parameter as such: enough to try another model for one call, not to remember. */
const unknown =
  /not supported|unsupported|not support|unrecogni[sz]ed|unknown|not permitted|not allowed|unexpected|extra_forbidden|additional propert|invalid (field|parameter|argument)|does not (exist|support)|use '?max_(completion_)?tokens/i;
const spelled =
  /\b(max_(completion_)?tokens|reasoning(_content|_details|_effort)?|stream_options|strict|thinking|budget_tokens)\b/;

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
  const parameter = refusedParameter(refusal, sent);
  if (parameter === undefined) return false;
  const body = JSON.parse(sent) as Sent;
  const lesson = lessons.find((one) => one.names.test(parameter) && one.sent(body, sent));
  if (!lesson) return false;
  const habits = habitsFor(candidate);
  if (habits.has(lesson.habit)) return false;
  habits.add(lesson.habit);
  // The two spellings of the limit take turns: a server that was changed is learned anew.
  if (lesson.habit === "max_tokens") habits.delete("max_completion_tokens");
  if (lesson.habit === "max_completion_tokens") habits.delete("max_tokens");
  return true;
}

/**
 * Whether a refusal of chat completions is worth a question in the newer API: the server says that this model has no other,
 * or knows no such address at all, which is a guess. Remembered for the model until `forgetResponses`.
 */
export function learnResponses(
  candidate: Candidate,
  { status, body }: { status: number; body: Buffer },
): "said" | "guessed" | undefined {
  const { kind } = candidate.provider;
  if (kind === "anthropic" || kind === "bedrock" || habitsOf(candidate).has("responses only")) return undefined;
  const said = body.toString("utf8", 0, 4096);
  const named = status === 400 || status === 404 ? /\bv1\/responses\b|unsupported_api_for_model/.test(said) : false;
  const nowhere = [404, 405, 501].includes(status) && !/model/i.test(said);
  if (!named && !nowhere) return undefined;
  habitsFor(candidate).add("responses only");
  return named ? "said" : "guessed";
}

/** The newer API was no better. */
export function forgetResponses(candidate: Candidate): void {
  learned.get(candidate.provider)?.get(candidate.model)?.delete("responses only");
}

function habitsFor({ provider, model }: Candidate): Set<Habit> {
  const models = learned.get(provider) ?? new Map<string, Set<Habit>>();
  learned.set(provider, models);
  const habits = models.get(model) ?? new Set<Habit>();
  if (models.size < most) models.set(model, habits);
  return habits;
}

/** Whether a server seems to refuse a parameter as such, rather than its value, and one that the gateway spells. */
export function isSpelling(refusal: Buffer): boolean {
  const said = `${errorOf(refusal).message ?? ""} ${refusal.toString("utf8", 0, 4096)}`;
  return unknown.test(said) && spelled.test(said);
}

function only(body: Sent, limit: "max_tokens" | "max_completion_tokens"): boolean {
  return body[limit] != null && body[limit === "max_tokens" ? "max_completion_tokens" : "max_tokens"] == null;
}

/** Where in a request a field of this name is, at any depth. */
function placesOf(value: unknown, field: string, at = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === field ? [`${at}${key}`] : []),
    ...placesOf(inner, field, `${at}${key}.`),
  ]);
}
