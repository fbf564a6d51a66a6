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
  objectIn,
  textAt,
  textIn,
  unsupported,
  withoutNulls,
} from "../fields.ts";
import type { Message, ModelRequest, Part, Tool, ToolCall } from "../model.ts";
import { originalId } from "../names.ts";
import { pictureSource } from "../picture.ts";
import { reasoningIn } from "../reasoning.ts";
import { choiceOf, fileSource, formatOf, partsOf, stopOf, toolFrom } from "../request-fields.ts";

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
  const thinking = objectIn(body, "thinking");
  const reasoning = objectIn(body, "reasoning");
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

function toolOf(given: unknown, at: string): Tool {
  const { type = "function", function: called } = objectAt(given, at);
  if (type !== "function") throw unsupported(`${at}.type`, `This model's provider has no tool of the type ${type}.`);
  const tool = objectAt(called, `${at}.function`);
  const { parameters, strict } = tool;
  return toolFrom(tool, parameters, typeof strict === "boolean" ? strict : undefined, `${at}.function`);
}

function messageOf(given: unknown, at: string): Message {
  const message = objectAt(given, at);
  const { role, content, tool_calls: calls, tool_call_id: id, refusal, function_call: legacy, audio } = message;
  const parts = partsOf(content, `${at}.content`, partOf);
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
