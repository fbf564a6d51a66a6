import type { Candidate } from "../../routing/plan.ts";
import { unsupported } from "../fields.ts";
import { carriedSignature, signed, wantsSignatures } from "../google-signature.ts";
import type { Habit } from "../habits.ts";
import { type Media, type Message, type ModelRequest, type Part, textsOf } from "../model.ts";
import { isReasoning, toDetails } from "../reasoning.ts";

/** A request for a server of chat completions. @throws CallError not_supported */
export function chatRequest(request: ModelRequest, candidate: Candidate, habits: ReadonlySet<Habit>): string {
  const own = candidate.provider.kind === "openai-compatible";
  const { tools, limit, format, effort, stream } = request;
  if (request.topK !== undefined && !own) {
    throw unsupported("top_k", `${candidate.id} takes no top_k.`);
  }
  const thinks = !habits.has("no reasoning in history");
  const reasoning = thinks && own ? (isMistral(candidate) ? "parts" : "field") : "none";
  return JSON.stringify({
    model: candidate.model,
    messages: messagesOf(request.messages, {
      reasoning,
      signed: wantsSignatures(candidate),
    }),
    stream,
    ...(stream && !habits.has("no stream_options") && { stream_options: { include_usage: true } }),
    ...(limit !== undefined && { [limitField(candidate, habits)]: limit }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.topK !== undefined && { top_k: request.topK }),
    ...(request.stop && { stop: request.stop }),
    ...(tools.length > 0 && { tools: tools.map((tool) => toolOf(tool, habits)), ...choiceOf(request) }),
    ...(format && { response_format: formatOf(format) }),
    ...effortOf(effort, request.budget, habits),
    ...(request.user !== undefined && { user: request.user }),
  });
}

/** OpenAI's newer models refuse `max_tokens`; most other servers know nothing else. */
export function limitField({ provider: { kind } }: Candidate, habits: ReadonlySet<Habit>): string {
  if (habits.has("max_tokens")) return "max_tokens";
  return kind === "openai" || habits.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
}

export function isMistral({ provider: { kind, base }, model }: Candidate): boolean {
  if (kind !== "openai-compatible") return false;
  return (
    base.hostname.endsWith("mistral.ai") || /(mistral|ministral|magistral|codestral|devstral|pixtral)/i.test(model)
  );
}

function toolOf({ name, description, schema, strict }: ModelRequest["tools"][number], habits: ReadonlySet<Habit>) {
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: schema,
      ...(strict !== undefined && !habits.has("no strict") && { strict }),
    },
  };
}

function choiceOf({ choice, parallel }: ModelRequest): object {
  return {
    ...(choice !== undefined && {
      tool_choice: typeof choice === "object" ? { type: "function", function: { name: choice.name } } : choice,
    }),
    ...(parallel !== undefined && { parallel_tool_calls: parallel }),
  };
}

function formatOf(format: NonNullable<ModelRequest["format"]>): object {
  if (format.is === "object") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  const form = {
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  };
  return { type: "json_schema", json_schema: form };
}

/** Anthropic's clients say with how many tokens to think, OpenAI's how hard. */
export function effortOf(
  effort: string | undefined,
  budget: number | undefined,
  habits: ReadonlySet<Habit>,
): { reasoning_effort?: string } {
  if (habits.has("no reasoning_effort")) return {};
  if (effort !== undefined) return { reasoning_effort: effort === "max" ? "high" : effort };
  if (budget === undefined) return {};
  return { reasoning_effort: budget <= 2048 ? "low" : budget <= 8192 ? "medium" : "high" };
}

interface HistoryForm {
  reasoning: "field" | "parts" | "none";
  /** Google wants a signature at calls. */
  signed: boolean;
}

function messagesOf(messages: readonly Message[], form: HistoryForm): object[] {
  return messages.flatMap(({ role, parts }): object[] => {
    if (role === "system") return [{ role, content: textsOf(parts, "\n") }];
    return role === "user" ? userMessages(parts) : [assistantMessage(parts, form)];
  });
}

/** Results of tools are messages of their own, and texts: pictures and files in them follow as the user's. */
function userMessages(parts: readonly Part[]): object[] {
  const results = parts.filter((part) => part.is === "result");
  const shown = results.flatMap((result) => result.parts.filter(({ is }) => is === "media"));
  const said = [...shown, ...parts.filter(({ is }) => is !== "result")];
  return [
    ...results.map(({ id, parts: inner, failed }) => {
      const text = textsOf(inner, "\n");
      return { role: "tool", tool_call_id: id, content: failed ? failure(text) : text };
    }),
    ...(said.length > 0 || results.length === 0 ? [{ role: "user", content: contentOf(said) }] : []),
  ];
}

/** The API has no field for it; the model must see it all the same. */
export function failure(text: string): string {
  return /^\s*error\b/i.test(text) ? text : `Error: ${text === "" ? "the tool failed." : text}`;
}

function assistantMessage(all: readonly Part[], form: HistoryForm): object {
  const { reasoning } = form;
  const parts = form.signed ? all : all.filter((part) => carriedSignature(part) === undefined);
  const said = parts.filter(({ is }) => is === "text" || is === "refusal" || is === "media");
  const thought = parts
    .filter(isReasoning)
    .map(({ text }) => text)
    .join("");
  const details = toDetails(parts.filter(isReasoning));
  const calls = parts.flatMap((part, at) =>
    part.is === "call"
      ? [
          {
            id: part.id,
            type: "function",
            function: { name: part.name, arguments: part.arguments || "{}" },
            ...(form.signed && signatureFor(parts, at)),
          },
        ]
      : [],
  );
  const thinking = { type: "thinking", thinking: [{ type: "text", text: thought }] };
  const content = said.length > 0 ? contentOf(said) : null;
  const inParts = reasoning === "parts" && thought !== "";
  return {
    role: "assistant",
    content: inParts ? [thinking, ...asParts(content)] : content === null && calls.length === 0 ? "" : content,
    ...(reasoning === "field" && thought !== "" && { reasoning_content: thought }),
    // OpenRouter gives signatures of models behind it, and wants them back.
    ...(reasoning === "field" && details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** Its own signature; the first call of a turn has one in any case. */
function signatureFor(parts: readonly Part[], at: number): object | undefined {
  const before = parts[at - 1];
  const own = before && carriedSignature(before);
  const first = parts.findIndex(({ is }) => is === "call") === at;
  return own !== undefined || first ? signed(own) : undefined;
}

function asParts(content: string | object[] | null): object[] {
  if (content === null) return [];
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** A text alone is a string, which every server takes. */
function contentOf(parts: readonly Part[]): string | object[] {
  if (parts.every(({ is }) => is === "text" || is === "refusal")) return textsOf(parts, "\n");
  return parts.flatMap((part): object[] => {
    if (part.is === "text" || part.is === "refusal") return [{ type: "text", text: part.text }];
    return part.is === "media" ? [mediaPart(part)] : [];
  });
}

function mediaPart({ kind, source, name, detail }: Media): object {
  const url = "url" in source ? source.url : `data:${source.mediaType};base64,${source.data}`;
  if (kind === "image") return { type: "image_url", image_url: { url, ...(detail !== undefined && { detail }) } };
  if ("url" in source) {
    throw unsupported("messages", `This model's provider takes no ${kind === "file" ? "documents" : "sound"} by URL.`);
  }
  if (kind === "file") {
    if (source.mediaType === "text/plain") return { type: "text", text: textOfFile(source.data, name) };
    return { type: "file", file: { file_data: url, filename: name ?? "document" } };
  }
  return { type: "input_audio", input_audio: { data: source.data, format: source.mediaType.replace(/^audio\//, "") } };
}

export function textOfFile(data: string, name: string | undefined): string {
  const text = Buffer.from(data, "base64").toString();
  return name === undefined ? text : `${name}\n\n${text}`;
}
