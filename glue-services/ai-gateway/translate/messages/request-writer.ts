import { findListed } from "../../prices/prices.ts";
import type { Candidate } from "../../routing/plan.ts";
import { unsupported } from "../fields.ts";
import type { Habit } from "../habits.ts";
import { argumentsOf, type Media, type ModelRequest, type Part, type Tool } from "../model.ts";
import { type FormTool, isFilled, isProven, thinkingBudget, toolsOf, turnsOf } from "../turns.ts";

/** Tokens of an answer when the client does not say: Anthropic wants a number. */
const usualAnswer = 4096;
const mostUsual = 16_384;

/** A request of Anthropic's messages. @throws CallError not_supported */
export function messagesRequest(
  request: ModelRequest,
  { model }: Candidate,
  habits: ReadonlySet<Habit>,
  form: FormTool | undefined,
): string {
  const { system, turns } = turnsOf(request);
  const tools = [...toolsOf(request), ...(form ? [form.tool] : [])];
  const limit = request.limit ?? Math.min(findListed("anthropic", model)?.output ?? usualAnswer, mostUsual);
  const budget = habits.has("no thinking") ? undefined : thinkingBudget({ ...request, limit }, form !== undefined);
  return JSON.stringify({
    model,
    max_tokens: limit,
    messages: turns.map(({ role, parts }, at) => ({
      role,
      content: parts.flatMap((part) => blockOf(part, role === "assistant" && at === turns.length - 1)),
    })),
    ...(system.length > 0 && { system: system.join("\n\n") }),
    stream: request.stream,
    ...sampling(request),
    ...(request.stop && { stop_sequences: request.stop }),
    ...(tools.length > 0 && { tools: tools.map((tool) => toolOf(tool, habits)), ...choiceOf(request, form) }),
    ...(budget !== undefined && { thinking: { type: "enabled", budget_tokens: budget } }),
    ...(request.user !== undefined && { metadata: { user_id: request.user } }),
  });
}

/** Its newer models take one of the two; OpenAI's temperature goes to 2, its own to 1. */
function sampling({ temperature, topP, topK }: ModelRequest): object {
  const both = temperature !== undefined && topP !== undefined;
  return {
    ...(temperature !== undefined && !(both && temperature === 1) && { temperature: Math.min(1, temperature) }),
    ...(topP !== undefined && !(both && topP === 1 && temperature !== 1) && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  };
}

function toolOf({ name, description, schema, strict }: Tool, habits: ReadonlySet<Habit>): object {
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: schema,
    ...(strict === true && !habits.has("no strict") && { strict }),
  };
}

function choiceOf({ choice, parallel, tools }: ModelRequest, form: FormTool | undefined): object {
  const alone = parallel === false && { disable_parallel_tool_use: true };
  if (form) return { tool_choice: tools.length > 0 ? { type: "any", ...alone } : { type: "tool", name: form.name } };
  // The tools are those of the history alone.
  if (tools.length === 0 || choice === "none") return { tool_choice: { type: "none" } };
  if (choice === "required") return { tool_choice: { type: "any", ...alone } };
  if (typeof choice === "object") return { tool_choice: { type: "tool", name: choice.name, ...alone } };
  return choice === "auto" || alone ? { tool_choice: { type: "auto", ...alone } } : {};
}

/** @param last of an answer that the model goes on with, which must not end in blanks */
function blockOf(part: Part, last: boolean): object[] {
  if (part.is === "text" || part.is === "refusal")
    return [{ type: "text", text: last ? part.text.trimEnd() : part.text }];
  if (part.is === "media") return [mediaBlock(part)];
  if (part.is === "call") {
    return [{ type: "tool_use", id: part.id, name: part.name, input: argumentsOf(part.arguments) }];
  }
  if (part.is === "result") {
    const filled = part.parts.filter(isFilled);
    const [only] = filled;
    const content =
      filled.length === 1 && only?.is === "text" ? only.text : filled.flatMap((one) => blockOf(one, false));
    return [
      {
        type: "tool_result",
        tool_use_id: part.id,
        content: content.length === 0 ? "" : content,
        ...(part.failed && { is_error: true }),
      },
    ];
  }
  // Its API takes back only what it signed.
  if (!isProven(part)) return [];
  if (part.redacted !== undefined) return [{ type: "redacted_thinking", data: part.redacted }];
  return [{ type: "thinking", thinking: part.text, signature: part.signature }];
}

function mediaBlock({ kind, source, name }: Media): object {
  if (kind === "audio") throw unsupported("messages", "Anthropic's API takes no part of the type input_audio.");
  const title = kind === "file" && name !== undefined && { title: name };
  const type = kind === "file" ? "document" : "image";
  if ("url" in source) {
    if (!/^https?:/i.test(source.url)) {
      throw unsupported("messages", `Anthropic takes ${kind}s as data: or https: addresses only.`);
    }
    return { type, source: { type: "url", url: source.url }, ...title };
  }
  const { mediaType, data } = source;
  if (kind === "file" && mediaType.startsWith("text/")) {
    const text = Buffer.from(data, "base64").toString();
    return { type, source: { type: "text", media_type: "text/plain", data: text }, ...title };
  }
  if (kind === "file" && mediaType !== "application/pdf") {
    throw unsupported("messages", `Anthropic takes documents as PDF or text, and none of the type ${mediaType}.`);
  }
  return { type, source: { type: "base64", media_type: mediaType, data }, ...title };
}
