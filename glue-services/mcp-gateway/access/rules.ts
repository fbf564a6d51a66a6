import { fitsWildcard } from "../../kit/index.ts";
import type { Caller } from "./caller.ts";

export type Effect = "allow" | "approve" | "deny";

export interface Rule {
  server: string | null;
  tool: string;
  role: string | null;
  person: string | null;
  /** One caller alone: a person with one program, or a key. */
  agent?: string | null;
  effect: Effect;
}

const strictness: Record<Effect, number> = { allow: 0, approve: 1, deny: 2 };

/**
 * What holds for a call: of the rules that fit, the most particular one decides (one caller before a person before a role before
 * everybody, then a server before all servers, then a whole name before a pattern), and of two equally particular ones
 * the stricter. Without a rule a call is allowed.
 */
export function effectOf(rules: readonly Rule[], caller: Caller, server: string, tool: string): Effect {
  return ruleFor(rules, caller, server, tool)?.effect ?? "allow";
}

/** The rule that decides; undefined when none fits. */
export function ruleFor(rules: readonly Rule[], caller: Caller, server: string, tool: string): Rule | undefined {
  let best: Rule | undefined;
  for (const rule of rules) {
    if (fits(rule, caller, server, tool) && (!best || outranks(rule, best))) best = rule;
  }
  return best;
}

function fits(rule: Rule, caller: Caller, server: string, tool: string): boolean {
  if (rule.server !== null && rule.server !== server) return false;
  if ((rule.agent ?? null) !== null && rule.agent !== caller.id) return false;
  if (rule.person !== null && rule.person !== caller.person) return false;
  if (rule.role !== null && !caller.roles.includes(rule.role)) return false;
  return matches(rule.tool, tool);
}

function outranks(one: Rule, other: Rule): boolean {
  const difference = rank(one) - rank(other);
  return difference > 0 || (difference === 0 && strictness[one.effect] > strictness[other.effect]);
}

function rank({ server, tool, role, person, agent }: Rule): number {
  return (agent ? 16 : person ? 8 : role ? 4 : 0) + (server ? 2 : 0) + (/[*?]/.test(tool) ? 0 : 1);
}

/** `*` stands for any part of a name, `?` for one character. */
export function matches(pattern: string, name: string): boolean {
  return fitsWildcard(pattern, name, { one: true });
}
