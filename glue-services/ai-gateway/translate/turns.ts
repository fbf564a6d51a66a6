import { carriedSignature } from "./google-signature.ts";
import type { Format, Message, ModelRequest, Part, Tool } from "./model.ts";
import { isReasoning } from "./reasoning.ts";

// What Anthropic's messages and Bedrock's Converse have in common.

/** Two roles that take turns; a system text stands apart. */
export interface Turns {
  system: string[];
  turns: { role: "user" | "assistant"; parts: Part[] }[];
}

const jsonOnly = "Answer with one JSON object and nothing else.";
/** Neither API has a conversation that the model begins. */
const opening = "(The conversation begins.)";

/** The conversation as turns that both APIs take. */
export function turnsOf({ messages, format }: ModelRequest): Turns {
  const system = messages.filter(({ role }) => role === "system").map(({ parts }) => textOf(parts));
  const turns: Turns["turns"] = [];
  for (const { role, parts } of messages) {
    if (role === "system") continue;
    const filled = parts.filter(isFilled);
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...filled);
    else if (filled.length > 0) turns.push({ role, parts: filled });
  }
  // A system text alone is a question too.
  if (turns.length === 0)
    turns.push({ role: "user", parts: [{ is: "text", text: filledOr(system.splice(0).join("\n\n"), opening) }] });
  if (turns[0]?.role === "assistant") turns.unshift({ role: "user", parts: [{ is: "text", text: opening }] });
  // They have no switch for JSON of any form.
  if (format?.is === "object") system.push(jsonOnly);
  return { system: system.filter((text) => text.trim() !== ""), turns };
}

function filledOr(text: string, otherwise: string): string {
  return text.trim() === "" ? otherwise : text;
}

function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.is === "text" ? [part.text] : [])).join("\n");
}

/** Both refuse texts of blanks alone, also in results of tools, and thoughts that their models did not sign. */
export function isFilled(part: Part): boolean {
  if (isReasoning(part)) return isProven(part);
  return !(part.is === "text" || part.is === "refusal") || part.text.trim() !== "";
}

/** The tool by which an answer of a given form is asked for. */
export interface FormTool {
  name: string;
  tool: Tool;
}

export function formTool(format: Format | undefined, tools: readonly Tool[]): FormTool | undefined {
  if (format?.is !== "schema") return undefined;
  let name = "answer";
  while (tools.some((tool) => tool.name === name)) name += "_";
  const tool = { name, description: format.description ?? "The answer.", schema: format.schema as Tool["schema"] };
  return { name, tool };
}

/** Tools that the history calls: both APIs want those described even when nothing more may be called. */
export function toolsOf({ tools, messages }: ModelRequest): Tool[] {
  if (tools.length > 0) return tools;
  const names = messages.flatMap(({ parts }: Message) =>
    parts.flatMap((part) => (part.is === "call" ? [part.name] : [])),
  );
  return [...new Set(names)].map((name) => ({ name, schema: { type: "object", properties: {} } }));
}

/** Tokens to think with; undefined: without thinking. */
export function thinkingBudget(request: ModelRequest, form: boolean): number | undefined {
  const { effort, budget, limit, choice, messages, temperature, topP, topK } = request;
  // Thinking leaves none of these free, and what the client says of them goes first.
  if ((temperature !== undefined && temperature !== 1) || topP !== undefined || topK !== undefined) return undefined;
  const wanted = budget ?? (effort === undefined ? undefined : efforts[effort]);
  // Neither API lets a model think whose tool is chosen for it, or go on thinking after a call it cannot prove it made.
  if (wanted === undefined || form || choice === "required" || typeof choice === "object") return undefined;
  const last = messages.findLast(({ role }) => role === "assistant");
  if (last?.parts.some(({ is }) => is === "call") && !last.parts.some(isProven)) return undefined;
  const room = limit === undefined ? wanted : Math.min(wanted, limit - 1);
  return room >= 1024 ? room : undefined;
}

const efforts: Record<string, number> = {
  minimal: 1024,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/** Reasoning that its maker signed: other reasoning is not taken back. */
export function isProven(part: Part): boolean {
  if (!isReasoning(part) || carriedSignature(part) !== undefined) return false;
  return part.signature !== undefined || part.redacted !== undefined;
}
