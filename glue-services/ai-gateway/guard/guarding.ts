import type { GuardAction, PolicySettings } from "../schemas.ts";
import { CallError } from "../wire/call-error.ts";
import { type Finding, type Guard, guards, type Side } from "./guard.ts";
import { withoutAllowed } from "./terms.ts";

/** Which guards look at an organisation's texts, and what follows from what they find. */
export interface Guarding {
  policy: PolicySettings;
  question: readonly Active[];
  answer: readonly Active[];
  /** Answers must have the form that was asked for. */
  form: boolean;
}

interface Active {
  guard: Guard;
  action: Exclude<GuardAction, "off">;
}

/** What was found, without the text itself. */
export interface Noted {
  guard: string;
  action: Exclude<GuardAction, "off">;
  what: string;
  side: Side;
}

/** Undefined: nothing is to be looked at. */
export function guardingOf(policy: PolicySettings): Guarding | undefined {
  const active = guards.flatMap((guard): Active[] => {
    const action = policy.guards?.[guard.name] ?? guard.usual?.(policy) ?? "off";
    return action === "off" ? [] : [{ guard, action }];
  });
  const form = (policy.guards?.[formGuard.name] ?? "off") !== "off";
  if (active.length === 0 && !form) return undefined;
  const side = (wanted: Side) => active.filter(({ guard }) => guard.sides.includes(wanted));
  return { policy, question: side("question"), answer: side("answer"), form };
}

/** Not one that looks at texts: it looks at the whole (form.ts). */
export const formGuard = {
  name: "schema",
  title: "Form of answers",
  description: "An answer for which a JSON schema was given must fit it, or the call fails.",
};

export const guardNames: readonly string[] = [...guards.map(({ name }) => name), formGuard.name];

/**
 * A text with what must go taken out.
 *
 * @param noted gets what was found
 * @throws CallError guardrail_blocked
 */
export function guardText(guarding: Guarding, side: Side, text: string, role: string, noted: Noted[]): string {
  let now = text;
  for (const { guard, action } of guarding[side]) {
    const place = { side, role, policy: guarding.policy };
    const found = withoutAllowed(now, guard.find(now, place), guarding.policy.allow ?? []);
    if (found.length === 0) continue;
    for (const { what } of found) noted.push({ guard: guard.name, action, what, side });
    if (action === "block") throw blocked(side, guard, found[0]?.what ?? "");
    if (action === "redact") now = cut(now, found);
  }
  return now;
}

function blocked(side: Side, { name, title }: Guard, what: string): CallError {
  return new CallError(
    400,
    "guardrail_blocked",
    `The ${side} was stopped by the guardrail "${title}": it has ${what}.`,
    {
      hint: `Take it out, or ask whoever administers the gateway about the guardrail ${name}.`,
    },
  );
}

/** What overlaps goes as one, under the first one's name. */
export function cut(text: string, found: readonly Finding[]): string {
  let now = "";
  let at = 0;
  for (const { from, to, what } of found.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    if (from >= at) now += `${text.slice(at, from)}[${what} removed]`;
    at = Math.max(at, to);
  }
  return now + text.slice(at);
}
