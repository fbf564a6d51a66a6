import {
  booleanIn,
  demandKnown,
  type Fields,
  filledAt,
  invalid,
  type Known,
  listAt,
  numberIn,
  objectAt,
  textAt,
  textIn,
  unsupported,
  withoutNulls,
} from "../fields.ts";
import {
  type Format,
  type Message,
  type ModelRequest,
  type Part,
  sameType,
  schemaOf,
  sourceOf,
  type Tool,
  type ToolCall,
  type ToolChoice,
} from "../model.ts";
import { originalId } from "../names.ts";
import { pictureSource } from "../picture.ts";
import { reasoningIn } from "../reasoning.ts";

const known: Known = {
  translated: [
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "reasoning",
    "thinking",
    "user",
  ],
  hints: [
    "metadata",
    "store",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "verbosity",
    "prediction",
    "seed",
    "cache_control",
  ],
  neutral: {
    n: [1],
    logprobs: [false],
    top_logprobs: [0],
    frequency_penalty: [0],
    presence_penalty: [0],
    logit_bias: [{}],
    modalities: [["text"]],
    functions: [[]],
  },
};

/** A request of chat completions. @throws CallError for what is malformed, or cannot be translated */
export function readChatRequest(given: Fields): ModelRequest {
  const body = withoutNulls(given);
  demandKnown(body, known);
  const tools = listAt(body.tools, "tools").map((tool, at) => toolOf(tool, `tools[${at}]`));
  const { choice, allowed } = choiceOf(body.tool_choice);
  const thinking = body.thinking === undefined ? {} : objectAt(body.thinking, "thinking");
  const reasoning = body.reasoning === undefined ? {} : objectAt(body.reasoning, "reasoning");
  return {
    messages: filledAt(body.messages, "messages").map((message, at) => messageOf(message, `messages[${at}]`)),
    tools: allowed ? tools.filter(({ name }) => allowed.includes(name)) : tools,
    choice,
    parallel: booleanIn(body, "parallel_tool_calls"),
    limit: numberIn(body, "max_completion_tokens") ?? numberIn(body, "max_tokens"),
    temperature: numberIn(body, "temperature"),
    topP: numberIn(body, "top_p"),
    topK: numberIn(body, "top_k"),
    stop: stopOf(body.stop),
    format: formatOf(body.response_format),
    effort: textIn(body, "reasoning_effort") ?? textIn(reasoning, "effort", "reasoning."),
    budget: typeof thinking.budget_tokens === "number" ? thinking.budget_tokens : undefined,
    user: textIn(body, "user"),
    stream: body.stream === true,
    wantsUsage: (body.stream_options as Fields | undefined)?.include_usage === true,
  };
}

export function stopOf(stop: unknown): string[] | undefined {
  if (stop === undefined) return undefined;
  const texts = (typeof stop === "string" ? [stop] : listAt(stop, "stop")).map((one, at) => textAt(one, `stop[${at}]`));
  const filled = texts.filter((text) => text !== "");
  return filled.length > 0 ? filled : undefined;
}

function toolOf(given: unknown, at: string): Tool {
  const { type = "function", function: called } = objectAt(given, at);
  if (type !== "function") throw unsupported(`${at}.type`, `This model's provider has no tool of the type ${type}.`);
  const { name, description, parameters, strict } = objectAt(called, `${at}.function`);
  return {
    name: textAt(name, `${at}.function.name`),
    description: typeof description === "string" && description !== "" ? description : undefined,
    schema: schemaOf(parameters),
    strict: typeof strict === "boolean" ? strict : undefined,
  };
}

/** The choice, and the tools it allows when these are fewer. Both of OpenAI's APIs have it, one a level deeper. */
export function choiceOf(choice: unknown): { choice?: ToolChoice; allowed?: string[] } {
  if (choice === undefined) return {};
  if (choice === "auto" || choice === "none" || choice === "required") return { choice };
  if (choice === "any") return { choice: "required" };
  if (typeof choice !== "object") throw invalid("tool_choice", `is not known: ${String(choice).slice(0, 100)}.`);
  const { type, name, function: called, allowed_tools: inner, ...rest } = objectAt(choice, "tool_choice");
  if (type === "function") {
    const wanted = (called as Fields | undefined)?.name ?? name;
    return { choice: { name: textAt(wanted, "tool_choice.function.name") } };
  }
  if (type === "allowed_tools") {
    const { mode = "auto", tools } = (inner ?? rest) as Fields;
    const allowed = listAt(tools, "tool_choice.allowed_tools.tools").map((one, at) => {
      const tool = objectAt(one, `tool_choice.allowed_tools.tools[${at}]`);
      return textAt((tool.function as Fields | undefined)?.name ?? tool.name, `tool_choice.allowed_tools.tools[${at}]`);
    });
    return { choice: mode === "required" ? "required" : "auto", allowed };
  }
  throw unsupported("tool_choice", `This model's provider has no tool choice of the type ${type}.`);
}

/** @param given of chats, with the schema a level deeper, or of responses */
export function formatOf(given: unknown): Format | undefined {
  if (given === undefined) return undefined;
  const { type, json_schema: inner, ...rest } = objectAt(given, "response_format");
  if (type === "text" || type === undefined) return undefined;
  if (type === "json_object") return { is: "object" };
  if (type !== "json_schema") throw unsupported("response_format", `This model's provider has no format ${type}.`);
  const { name, description, schema, strict } = (inner ?? rest) as Fields;
  return {
    is: "schema",
    name: typeof name === "string" ? name : "answer",
    description: typeof description === "string" ? description : undefined,
    schema: schemaOf(schema),
    strict: typeof strict === "boolean" ? strict : undefined,
  };
}

function messageOf(given: unknown, at: string): Message {
  const message = objectAt(given, at);
  const { role, content, tool_calls: calls, tool_call_id: id, refusal, function_call: legacy, audio } = message;
  const parts = partsOf(content, `${at}.content`);
  if (role === "system" || role === "developer") return { role: "system", parts };
  if (role === "user") return { role, parts };
  if (role === "tool") {
    const result = { is: "result" as const, id: originalId(textAt(id, `${at}.tool_call_id`)), parts, failed: false };
    return { role: "user", parts: [result] };
  }
  if (role !== "assistant") throw invalid(`${at}.role`, `is not known: ${String(role).slice(0, 100)}.`);
  if (legacy !== undefined || audio !== undefined) {
    const field = legacy === undefined ? "audio" : "function_call";
    throw unsupported(`${at}.${field}`, `This model's provider takes no ${field} of an earlier answer.`);
  }
  return {
    role,
    parts: [
      ...reasoningIn(message),
      ...parts,
      ...(typeof refusal === "string" && refusal !== "" ? [{ is: "refusal" as const, text: refusal }] : []),
      ...listAt(calls, `${at}.tool_calls`).map((call, number) => callOf(call, `${at}.tool_calls[${number}]`)),
    ],
  };
}

function callOf(given: unknown, at: string): ToolCall {
  const { id, type = "function", function: called } = objectAt(given, at);
  if (type !== "function")
    throw unsupported(`${at}.type`, `This model's provider has no tool call of the type ${type}.`);
  const { name, arguments: text = "" } = objectAt(called, `${at}.function`);
  return {
    is: "call",
    id: originalId(textAt(id, `${at}.id`)),
    name: textAt(name, `${at}.function.name`),
    arguments: typeof text === "object" ? JSON.stringify(text) : textAt(text, `${at}.function.arguments`),
  };
}

function partsOf(content: unknown, at: string): Part[] {
  if (content === undefined) return [];
  if (typeof content === "string") return content === "" ? [] : [{ is: "text", text: content }];
  return listAt(content, at).flatMap((part, number) => partOf(objectAt(part, `${at}[${number}]`), `${at}[${number}]`));
}

function partOf(part: Fields, at: string): Part[] {
  const { type, text, refusal, image_url: image, file, input_audio: sound, thinking } = part;
  if (type === "text") return [{ is: "text", text: textAt(text, `${at}.text`) }];
  if (type === "refusal") return [{ is: "refusal", text: textAt(refusal, `${at}.refusal`) }];
  if (type === "thinking") {
    const said =
      typeof thinking === "string"
        ? thinking
        : listAt(thinking, at)
            .map((one) => textAt(objectAt(one, at).text, at))
            .join("");
    return [{ is: "reasoning", text: said }];
  }
  if (type === "image_url") {
    const { url, detail } = typeof image === "string" ? { url: image } : objectAt(image, `${at}.image_url`);
    const source = pictureSource(textAt(url, `${at}.image_url.url`), `${at}.image_url.url`);
    return [{ is: "media", kind: "image", source, detail: typeof detail === "string" ? detail : undefined }];
  }
  if (type === "input_audio") {
    const { data, format } = objectAt(sound, `${at}.input_audio`);
    const source = { mediaType: `audio/${format}`, data: textAt(data, `${at}.input_audio.data`) };
    return [{ is: "media", kind: "audio", source }];
  }
  if (type === "file") {
    const { file_data: data, filename } = objectAt(file, `${at}.file`);
    if (data === undefined) throw unsupported(`${at}.file`, "This model's provider takes files as file_data only.");
    return [
      { is: "media", kind: "file", source: fileSource(textAt(data, `${at}.file.file_data`)), name: filename as string },
    ];
  }
  throw unsupported(`${at}.type`, `This model's provider takes no part of the type ${String(type)}.`);
}

/** OpenAI's clients send a file as a data: address, some as its base64 alone. */
export function fileSource(data: string): { url: string } | { mediaType: string; data: string } {
  const source = sourceOf(data);
  if (!("url" in source) || /^[a-z]+:/i.test(data)) return source;
  return { mediaType: sameType("application/pdf"), data };
}
