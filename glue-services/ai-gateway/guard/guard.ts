import type { PolicySettings } from "../schemas.ts";
import { injection } from "./injection.ts";
import { personal } from "./personal.ts";
import { secrets } from "./secrets.ts";
import { terms } from "./terms.ts";

/** A place in a text that should not be there, and what it is, in words. */
export interface Finding {
  from: number;
  to: number;
  what: string;
}

export type Side = "question" | "answer";

/** Where a text stands: whose it is, and what the organisation set. */
export interface Place {
  side: Side;
  /** system, user, assistant, tool, … */
  role: string;
  policy: PolicySettings;
}

/**
 * Looks at texts on their way to a model and back. To add one: write it in a file of this folder and name it in `guards`;
 * policy, dashboard and documentation read that table.
 */
export interface Guard {
  /** As the policy names it. */
  name: string;
  title: string;
  description: string;
  sides: readonly Side[];
  /** What it does where an organisation said nothing. @default "off" */
  usual?: (policy: PolicySettings) => "block" | "off";
  /** Quick, without a network: it runs before every call. Findings may overlap. */
  find(text: string, place: Place): Finding[];
}

export const guards: readonly Guard[] = [secrets, personal, injection, terms];

/** All matches of a pattern with the flag g. */
export function matches(
  text: string,
  pattern: RegExp,
  what: string,
  fits: (match: string) => boolean = () => true,
): Finding[] {
  const found: Finding[] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== "" && fits(match[0])) found.push({ from: match.index, to: match.index + match[0].length, what });
  }
  return found;
}
