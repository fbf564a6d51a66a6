import type { Candidate } from "../../routing/plan.ts";
import { effortOf, failure, textOfFile } from "../chat/request-writer.ts";
import { unsupported } from "../fields.ts";
import type { Habit } from "../habits.ts";
import { type Format, type Media, type ModelRequest, type Part, type Tool, textsOf } from "../model.ts";

/** Tokens of an answer that this API refuses to go below. */
const leastLimit = 16;

/** A request of OpenAI's responses, for a server or a model that has no chat completions. @throws CallError not_supported */
export function responsesRequest(request: ModelRequest, candidate: Candidate, habits: ReadonlySet<Habit>): string {
  const { tools, choice, parallel, format } = request;
  for (const [name, value] of [
    ["stop", request.stop],
    ["top_k", request.topK],
  ] as const) {
    if (value !== undefined)
      throw unsupported(name, `${candidate.id} has only the Responses API, which has no ${name}.`);
  }
  const effort = effortOf(request.effort, request.budget, habits).reasoning_effort;
  return JSON.stringify({
    model: candidate.model,
    input: request.messages.flatMap(({ role, parts }) => itemsOf(role, parts)),
    stream: request.stream,
    // Chats are not kept either.
    store: false,
    ...(request.limit !== undefined && { max_output_tokens: Math.max(leastLimit, request.limit) }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(tools.length > 0 && { tools: tools.map((tool) => toolOf(tool, habits)) }),
    ...(tools.length > 0 &&
      choice !== undefined && {
        tool_choice: typeof choice === "object" ? { type: "function", name: choice.name } : choice,
      }),
    ...(tools.length > 0 && parallel !== undefined && { parallel_tool_calls: parallel }),
    ...(format && { text: { format: formatOf(format) } }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(request.user !== undefined && { user: request.user }),
  });
}

/** Functions of this API are strict unless they say otherwise. */
function toolOf({ name, description, schema, strict = false }: Tool, habits: ReadonlySet<Habit>): object {
  return {
    type: "function",
    name,
    ...(description !== undefined && { description }),
    parameters: schema,
    ...(!habits.has("no strict") && { strict }),
  };
}

function formatOf(format: Format): object {
  if (format.is === "object") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  return {
    ...{ type: "json_schema", name, schema },
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

/** Calls and their results are items beside the messages. Thoughts are left out: the API takes back only what it encrypted. */
function itemsOf(role: "system" | "user" | "assistant", parts: readonly Part[]): object[] {
  if (role === "system") return [{ type: "message", role, content: textsOf(parts, "\n") }];
  const items: object[] = [];
  let content: object[] = [];
  const flush = () => {
    if (content.length > 0) items.push({ type: "message", role, content });
    content = [];
  };
  for (const part of parts) {
    const item = itemOf(part);
    if (item) {
      flush();
      items.push(item);
    } else if (part.is !== "reasoning") content.push(contentOf(role, part));
  }
  flush();
  return items;
}

function itemOf(part: Part): object | undefined {
  if (part.is === "call") {
    return { type: "function_call", call_id: part.id, name: part.name, arguments: part.arguments || "{}" };
  }
  if (part.is !== "result") return undefined;
  const shown = part.parts.some(({ is }) => is === "media");
  const text = textsOf(part.parts, "\n");
  const output = shown ? part.parts.map((one) => contentOf("user", one)) : part.failed ? failure(text) : text;
  return { type: "function_call_output", call_id: part.id, output };
}

function contentOf(role: "user" | "assistant", part: Part): object {
  if (part.is === "media") return mediaOf(part);
  if (part.is === "refusal" && role === "assistant") return { type: "refusal", refusal: part.text };
  const text = part.is === "text" || part.is === "refusal" ? part.text : "";
  return { type: role === "assistant" ? "output_text" : "input_text", text };
}

function mediaOf({ kind, source, name, detail }: Media): object {
  const url = "url" in source ? source.url : `data:${source.mediaType};base64,${source.data}`;
  if (kind === "image") return { type: "input_image", image_url: url, detail: detail ?? "auto" };
  if (kind === "file") {
    if ("url" in source) return { type: "input_file", file_url: url };
    if (source.mediaType === "text/plain") return { type: "input_text", text: textOfFile(source.data, name) };
    return { type: "input_file", file_data: url, filename: name ?? "document" };
  }
  if ("url" in source) throw unsupported("messages", "This model's provider takes no sound by URL.");
  const { data, mediaType } = source;
  return { type: "input_audio", input_audio: { data, format: mediaType.replace(/^audio\//, "") } };
}
