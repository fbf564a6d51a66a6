import { CallError } from "../../wire/call-error.ts";
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
import { type Media, type Message, type ModelRequest, type Part, sameType, type Tool } from "../model.ts";
import { originalId } from "../names.ts";
import { signatureOf } from "../reasoning.ts";
import { formatOf, partsOf, stopOf, toolFrom } from "../request-fields.ts";

const known: Known = {
  translated: [
    "model",
    "messages",
    "system",
    "max_tokens",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "output_format",
    "metadata",
  ],
  hints: ["cache_control", "service_tier", "context_management", "inference_geo", "speed", "betas", "anthropic_beta"],
  neutral: { mcp_servers: [[]] },
};

/** A request of Anthropic's messages. @throws CallError for what is malformed, or cannot be translated */
export function readMessagesRequest(given: Fields): ModelRequest {
  const body = withoutNulls(given);
  if (body.thread !== undefined) throw threadless();
  demandKnown(body, known);
  const thinking = objectIn(body, "thinking");
  const output = objectIn(body, "output_config");
  const choice = objectIn(body, "tool_choice");
  const metadata = objectIn(body, "metadata");
  const system = partsOf(body.system, "system", partOf);
  return {
    messages: [
      ...(system.length > 0 ? [{ role: "system" as const, parts: system }] : []),
      ...filledAt(body.messages, "messages").map((message, at) => messageOf(message, `messages[${at}]`)),
    ],
    tools: listAt(body.tools, "tools").map((tool, at) => toolOf(tool, `tools[${at}]`)),
    choice: choiceOf(choice),
    parallel: choice.disable_parallel_tool_use === true ? false : undefined,
    limit: numberIn(body, "max_tokens"),
    temperature: numberIn(body, "temperature"),
    topP: numberIn(body, "top_p"),
    topK: numberIn(body, "top_k"),
    stop: stopOf(body.stop_sequences),
    format: formatOf(output.format ?? body.output_format),
    effort: thinking.type === "disabled" ? undefined : textIn(output, "effort", "output_config."),
    budget: thinking.type === "enabled" ? numberIn(thinking, "budget_tokens") : undefined,
    user: textIn(metadata, "user_id", "metadata."),
    stream: body.stream === true,
  };
}

/** Anthropic's clients go on without a thread, and send all messages, when they are told so in its own words. */
function threadless(): CallError {
  return new CallError(400, "not_supported", "This model's provider keeps no thread: send all messages.", {
    param: "thread",
    details: { error_code: "thread_unsupported_request", unsupported: ["model"] },
  });
}

function choiceOf({ type, name }: Fields): ModelRequest["choice"] {
  if (type === undefined) return undefined;
  if (type === "tool") return { name: textAt(name, "tool_choice.name") };
  if (type === "any") return "required";
  if (type === "auto" || type === "none") return type;
  throw invalid("tool_choice.type", `is not known: ${String(type).slice(0, 100)}.`);
}

function toolOf(given: unknown, at: string): Tool {
  const tool = objectAt(given, at);
  const { type = "custom", input_schema: schema } = tool;
  if (type !== "custom" && type !== "function") {
    throw unsupported(`${at}.type`, `This model's provider has no tool of the type ${type}: Anthropic runs it.`);
  }
  return toolFrom(tool, schema, booleanIn(tool, "strict", `${at}.`), at);
}

function messageOf(given: unknown, at: string): Message {
  const { role, content } = objectAt(given, at);
  if (role !== "user" && role !== "assistant" && role !== "system") {
    throw invalid(`${at}.role`, `is not known: ${String(role).slice(0, 100)}.`);
  }
  if (content === undefined) throw invalid(`${at}.content`, "is missing.");
  return { role, parts: partsOf(content, `${at}.content`, partOf) };
}

function partOf(block: Fields, at: string): Part[] {
  const { type, text, id, name, input, thinking, signature, data, tool_use_id: of, content } = block;
  if (type === "text") return [{ is: "text", text: textAt(text, `${at}.text`) }];
  if (type === "image") return [mediaOf(block, "image", at)];
  if (type === "document") return documentOf(block, at);
  if (type === "thinking") {
    return [{ is: "reasoning", text: textAt(thinking ?? "", `${at}.thinking`), signature: signatureOf(signature) }];
  }
  if (type === "redacted_thinking") return [{ is: "reasoning", text: "", redacted: textAt(data, `${at}.data`) }];
  if (type === "tool_use") {
    const call = { id: originalId(textAt(id, `${at}.id`)), name: textAt(name, `${at}.name`) };
    return [{ is: "call", ...call, arguments: JSON.stringify(input ?? {}) }];
  }
  if (type === "tool_result") {
    const failed = booleanIn(block, "is_error", `${at}.`) === true;
    const parts = partsOf(content, `${at}.content`, partOf);
    return [{ is: "result", id: originalId(textAt(of, `${at}.tool_use_id`)), parts, failed }];
  }
  if (type === "search_result") return searchResult(block, at);
  throw unsupported(`${at}.type`, `This model's provider takes no part of the type ${String(type)}.`);
}

function mediaOf(block: Fields, kind: Media["kind"], at: string): Media {
  const { type, media_type: given, data, url } = objectAt(block.source, `${at}.source`);
  const name = typeof block.title === "string" ? block.title : undefined;
  if (type === "url") return { is: "media", kind, source: { url: textAt(url, `${at}.source.url`) }, name };
  if (type !== "base64") throw unsupported(`${at}.source.type`, `This model's provider takes no ${kind} as ${type}.`);
  const mediaType = sameType(textAt(given, `${at}.source.media_type`));
  return { is: "media", kind, source: { mediaType, data: textAt(data, `${at}.source.data`) }, name };
}

function documentOf(block: Fields, at: string): Part[] {
  const { type, data, content } = objectAt(block.source, `${at}.source`);
  if ((block.citations as Fields | undefined)?.enabled === true) {
    throw unsupported(`${at}.citations`, "This model's provider gives no citations of documents.");
  }
  const about = [block.title, block.context].filter((one): one is string => typeof one === "string" && one !== "");
  const head: Part[] = about.length > 0 ? [{ is: "text", text: about.join("\n") }] : [];
  if (type === "text") return [...head, { is: "text", text: textAt(data, `${at}.source.data`) }];
  if (type === "content") return [...head, ...partsOf(content, `${at}.source.content`, partOf)];
  return [mediaOf(block, "file", at)];
}

function searchResult({ source, title, content }: Fields, at: string): Part[] {
  const head = [title, source].filter((one) => typeof one === "string").join("\n");
  return [{ is: "text", text: head }, ...partsOf(content, `${at}.content`, partOf)];
}
