import type { Candidate } from "../../routing/plan.ts";
import { unsupported } from "../fields.ts";
import type { Habit } from "../habits.ts";
import { argumentsOf, type Media, type ModelRequest, type Part } from "../model.ts";
import { type FormTool, isFilled, isProven, thinkingBudget, toolsOf, turnsOf } from "../turns.ts";

/** A request of Bedrock's Converse, which is the same for every maker's models. @throws CallError not_supported */
export function converseRequest(
  request: ModelRequest,
  { id, model }: Candidate,
  habits: ReadonlySet<Habit>,
  form: FormTool | undefined,
): string {
  const { system, turns } = turnsOf(request);
  const isClaude = model.includes("anthropic.");
  if (request.topK !== undefined && !isClaude) throw unsupported("top_k", `${id} takes no top_k.`);
  const budget = isClaude && !habits.has("no thinking") ? thinkingBudget(request, form !== undefined) : undefined;
  const inference = inferenceOf(request);
  // Of other models' calls the first one alone reaches the client (settle.ts).
  const isAlone = isClaude && request.parallel === false && request.tools.length > 0;
  const own = {
    ...(request.topK !== undefined && { top_k: request.topK }),
    ...(budget !== undefined && { thinking: { type: "enabled", budget_tokens: budget } }),
    ...(isAlone && alone(request)),
  };
  const names = new Set<string>();
  return JSON.stringify({
    messages: turns.map(({ role, parts }) => ({ role, content: parts.flatMap((part) => blockOf(part, names)) })),
    ...(system.length > 0 && { system: system.map((text) => ({ text })) }),
    ...(Object.keys(inference).length > 0 && { inferenceConfig: inference }),
    ...toolConfig(request, form, isAlone),
    ...(Object.keys(own).length > 0 && { additionalModelRequestFields: own }),
  });
}

function inferenceOf({ limit, temperature, topP, stop }: ModelRequest): object {
  return {
    ...(limit !== undefined && { maxTokens: limit }),
    ...(temperature !== undefined && { temperature: Math.min(1, temperature) }),
    ...(topP !== undefined && !(topP === 1 && temperature !== undefined) && { topP }),
    ...(stop && { stopSequences: stop }),
  };
}

/** Converse has no word for it; Claude takes Anthropic's. */
function alone({ choice }: ModelRequest): object {
  const type =
    choice === "required"
      ? { type: "any" }
      : typeof choice === "object"
        ? { type: "tool", ...choice }
        : { type: "auto" };
  return { tool_choice: { ...type, disable_parallel_tool_use: true } };
}

/** @param chosen the choice stands elsewhere */
function toolConfig(request: ModelRequest, form: FormTool | undefined, chosen: boolean): object {
  const { choice, tools } = request;
  const calledBefore = request.messages.some(({ parts }) => parts.some(({ is }) => is === "call"));
  // It has no choice of none: tools are left out, but for a history that calls them.
  const offered = choice === "none" && !calledBefore ? [] : toolsOf(request);
  const all = [...offered, ...(form ? [form.tool] : [])].map(({ name, description, schema }) => ({
    toolSpec: { name, ...(description !== undefined && { description }), inputSchema: { json: schema } },
  }));
  if (all.length === 0) return {};
  if (form) {
    const toolChoice = tools.length > 0 ? { any: {} } : { tool: { name: form.name } };
    return { toolConfig: { tools: all, toolChoice } };
  }
  if (chosen) return { toolConfig: { tools: all } };
  const toolChoice = choice === "required" ? { any: {} } : typeof choice === "object" ? { tool: choice } : undefined;
  return { toolConfig: { tools: all, ...(toolChoice && { toolChoice }) } };
}

function blockOf(part: Part, names: Set<string>): object[] {
  if (part.is === "text" || part.is === "refusal") return [{ text: part.text }];
  if (part.is === "media") return [mediaBlock(part, names)];
  if (part.is === "call") {
    return [{ toolUse: { toolUseId: part.id, name: part.name, input: argumentsOf(part.arguments) } }];
  }
  if (part.is === "result") {
    const inner = part.parts.filter(isFilled).flatMap((one) => blockOf(one, names));
    // It refuses a result that says nothing.
    const content = inner.length > 0 ? inner : [{ text: "(no output)" }];
    return [{ toolResult: { toolUseId: part.id, content, ...(part.failed && { status: "error" }) } }];
  }
  if (!isProven(part)) return [];
  if (part.redacted !== undefined) return [{ reasoningContent: { redactedContent: part.redacted } }];
  return [{ reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } }];
}

const formats: Record<string, string> = {
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/markdown": "md",
  "text/plain": "txt",
};

function mediaBlock({ kind, source, name = "document" }: Media, names: Set<string>): object {
  if (kind === "audio") throw unsupported("messages", "Amazon Bedrock's API takes no part of the type input_audio.");
  if ("url" in source) throw unsupported("messages", `Bedrock takes ${kind}s as data: addresses only.`);
  const { mediaType, data } = source;
  if (kind === "image") return { image: { format: mediaType.replace(/^image\//, ""), source: { bytes: data } } };
  const format = formats[mediaType];
  if (format === undefined) throw unsupported("messages", `Bedrock takes no documents of the type ${mediaType}.`);
  return { document: { format, name: titleOf(name, names), source: { bytes: data } } };
}

/** Names are letters, digits, spaces, dashes and brackets, and no two of a request are the same. */
function titleOf(name: string, names: Set<string>): string {
  const plain =
    name
      .replace(/\.[^.]*$/, "")
      .replace(/[^A-Za-z0-9 ()[\]-]+/g, "-")
      .replace(/ {2,}/g, " ")
      .slice(0, 190) || "document";
  let title = plain;
  for (let number = 2; names.has(title); number++) title = `${plain} ${number}`;
  names.add(title);
  return title;
}
