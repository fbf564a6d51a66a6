import type { Params, Source } from "./source.ts";

/** Fields of lists, and what asks for each. */
export const lists = {
  tools: "tools/list",
  prompts: "prompts/list",
  resources: "resources/list",
  resourceTemplates: "resources/templates/list",
} as const;
export type ListField = keyof typeof lists;

/** What one source has in a list. */
export interface Listed {
  source: Source;
  items: readonly Params[];
}
