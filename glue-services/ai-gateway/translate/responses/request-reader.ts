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
import type { Message, ModelRequest, Part, Tool } from "../model.ts";
import { originalId } from "../names.ts";
import { pictureSource } from "../picture.ts";
import { unsealed } from "../reasoning.ts";
import { choiceOf, fileSource, formatOf, partsOf, toolFrom } from "../request-fields.ts";

const known: Known = {
  translated: [
    "model",
    "input",
    "instructions",
    "stream",
    "max_output_tokens",
    "temperature",
    "top_p",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "text",
    "reasoning",
    "user",
  ],
  hints: [
    "metadata",
    "store",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "stream_options",
    "client_metadata",
    // These are about tools that the provider runs itself, which are refused.
    "max_tool_calls",
  ],
  neutral: {
    background: [false],
    previous_response_id: [""],
    truncation: ["disabled", "auto"],
    top_logprobs: [0],
    include: [[], ["reasoning.encrypted_content"]],
  },
};

/** A request of OpenAI's responses. @throws CallError for what is malformed, or only a provider with a memory can do */
export function readResponsesRequest(given: Fields): ModelRequest {
  const body = withoutNulls(given);
  const kept = ["previous_response_id", "conversation"].find((name) => body[name]);
  if (kept) {
    throw unsupported(kept, `This model's provider keeps no conversations for ${kept}: send the whole input.`);
  }
  demandKnown(body, known);
  const { format } = objectIn(body, "text");
  const reasoning = objectIn(body, "reasoning");
  const { choice, allowed } = choiceOf(body.tool_choice);
  const tools = listAt(body.tools, "tools").map((tool, at) => toolOf(tool, `tools[${at}]`));
  const instructions = textIn(body, "instructions");
  return {
    messages: [
      ...(instructions ? [{ role: "system" as const, parts: [{ is: "text" as const, text: instructions }] }] : []),
      ...joined(inputOf(body.input)),
    ],
    tools: allowed ? tools.filter(({ name }) => allowed.includes(name)) : tools,
    choice,
    parallel: booleanIn(body, "parallel_tool_calls"),
    limit: numberIn(body, "max_output_tokens"),
    temperature: numberIn(body, "temperature"),
    topP: numberIn(body, "top_p"),
    format: formatOf(format),
    effort: textIn(reasoning, "effort", "reasoning."),
    user: textIn(body, "user"),
    stream: body.stream === true,
  };
}

function toolOf(given: unknown, at: string): Tool {
  const tool = objectAt(given, at);
  const { type, parameters } = tool;
  if (type !== "function") throw unsupported(`${at}.type`, `This model's provider has no tool of the type ${type}.`);
  return toolFrom(tool, parameters, booleanIn(tool, "strict", `${at}.`), at);
}

function inputOf(input: unknown): Message[] {
  if (typeof input === "string") return [{ role: "user", parts: [{ is: "text", text: input }] }];
  return filledAt(input, "input").map((item, at) => itemOf(objectAt(item, `input[${at}]`), `input[${at}]`));
}

function itemOf(item: Fields, at: string): Message {
  const { type = "message", role, content, call_id: id, name, arguments: text = "", output } = item;
  if (type === "message") {
    const parts = partsOf(content, `${at}.content`, partOf);
    if (role === "system" || role === "developer") return { role: "system", parts };
    if (role === "user" || role === "assistant") return { role, parts };
    throw invalid(`${at}.role`, `is not known: ${String(role).slice(0, 100)}.`);
  }
  if (type === "function_call") {
    const call = { id: originalId(textAt(id, `${at}.call_id`)), name: textAt(name, `${at}.name`) };
    const given = typeof text === "object" ? JSON.stringify(text) : textAt(text, `${at}.arguments`);
    return { role: "assistant", parts: [{ is: "call", ...call, arguments: given }] };
  }
  if (type === "function_call_output") {
    const result = {
      id: originalId(textAt(id, `${at}.call_id`)),
      parts: partsOf(output, `${at}.output`, partOf),
      failed: false,
    };
    return { role: "user", parts: [{ is: "result", ...result }] };
  }
  if (type === "reasoning") return { role: "assistant", parts: [reasoningOf(item, at)] };
  if (type === "item_reference") {
    const message = "This model's provider keeps no items: with `store: false` clients send them whole.";
    throw unsupported(`${at}.type`, `${message} It is an item_reference.`);
  }
  throw unsupported(`${at}.type`, `This model's provider takes no item of the type ${String(type)}.`);
}

function reasoningOf({ encrypted_content: encrypted, summary, content }: Fields, at: string): Part {
  const texts = [...listAt(content, `${at}.content`), ...listAt(summary, `${at}.summary`)];
  const said = texts.map((one, number) => textIn(objectAt(one, `${at}.summary[${number}]`), "text", `${at}.`) ?? "");
  return { is: "reasoning", text: said.join("\n\n"), ...unsealed(encrypted) };
}

function partOf(part: Fields, at: string): Part[] {
  const {
    type,
    text,
    refusal,
    image_url: image,
    detail,
    input_audio: sound,
    file_data: data,
    file_url: url,
    filename,
  } = part;
  if (type === "input_text" || type === "output_text" || type === "text") {
    return [{ is: "text", text: textAt(text, `${at}.text`) }];
  }
  if (type === "refusal") return [{ is: "refusal", text: textAt(refusal, `${at}.refusal`) }];
  if (type === "input_image" && image !== undefined) {
    const source = pictureSource(textAt(image, `${at}.image_url`), `${at}.image_url`);
    return [{ is: "media", kind: "image", source, detail: typeof detail === "string" ? detail : undefined }];
  }
  if (type === "input_audio") {
    const { data: bytes, format } = objectAt(sound, `${at}.input_audio`);
    const source = { mediaType: `audio/${format}`, data: textAt(bytes, `${at}.input_audio.data`) };
    return [{ is: "media", kind: "audio", source }];
  }
  if (type === "input_file" && (data !== undefined || url !== undefined)) {
    const source =
      data === undefined ? { url: textAt(url, `${at}.file_url`) } : fileSource(textAt(data, `${at}.file_data`));
    return [{ is: "media", kind: "file", source, name: typeof filename === "string" ? filename : undefined }];
  }
  const kept = type === "input_image" || type === "input_file";
  throw unsupported(
    `${at}.type`,
    kept
      ? `This model's provider keeps no files: send ${type} with its data.`
      : `This model's provider takes no part of the type ${String(type)}.`,
  );
}

/** Items of one turn are one message. */
function joined(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const { role, parts } of messages) {
    const last = turns.at(-1);
    const goesOn = role === "assistant" && !(parts[0]?.is === "text" && last?.parts.some(({ is }) => is === "call"));
    if (last?.role === role && (goesOn || parts[0]?.is === "result")) last.parts.push(...parts);
    else turns.push({ role, parts: [...parts] });
  }
  return turns;
}
