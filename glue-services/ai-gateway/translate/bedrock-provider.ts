import type { Tokens } from "../usage/usage.ts";
import { CallError } from "../wire/call-error.ts";
import {
  argumentsOf,
  type ChatAnswer,
  type ChatRequest,
  dataUrl,
  type FilePart,
  type FinishReason,
  type ImagePart,
  type Message,
  type Part,
  type Step,
  type StepReader,
  type TextPart,
  textOf,
  unsupportedPart,
} from "./chat.ts";
import { splitMessages } from "./event-stream.ts";

/** Name of the tool by which an answer of a given form is asked for. */
const formTool = "answer";

/** A chat as Bedrock's Converse, which is the same for every maker's models. */
export function converseRequest(chat: ChatRequest): string {
  const isSystem = ({ role }: Message) => role === "system" || role === "developer";
  const system = chat.messages.filter(isSystem).map(({ content }) => ({ text: textOf(content) }));
  const limit = chat.max_completion_tokens ?? chat.max_tokens;
  const inference = {
    ...(limit !== undefined && { maxTokens: limit }),
    ...(chat.temperature !== undefined && { temperature: Math.min(1, chat.temperature) }),
    ...(chat.top_p !== undefined && { topP: chat.top_p }),
    ...(chat.stop !== undefined && { stopSequences: [chat.stop].flat() }),
  };
  const tools = (chat.tools ?? []).map(({ function: { name, description, parameters } }) => ({
    toolSpec: { name, ...(description && { description }), inputSchema: { json: parameters ?? { type: "object" } } },
  }));
  const form = chat.response_format?.type === "json_schema" ? chat.response_format.json_schema : undefined;
  if (form) {
    const json = form.schema ?? { type: "object" };
    tools.push({ toolSpec: { name: formTool, description: "The answer.", inputSchema: { json } } });
  }
  const toolConfig = form
    ? { tools, toolChoice: { tool: { name: formTool } } }
    : tools.length > 0 && chat.tool_choice !== "none" && { tools, ...choice(chat) };
  if (chat.response_format?.type === "json_object") {
    system.push({ text: "Answer with one JSON object and nothing else." });
  }
  return JSON.stringify({
    messages: merge(chat.messages.filter((message) => !isSystem(message))),
    ...(system.length > 0 && { system }),
    ...(Object.keys(inference).length > 0 && { inferenceConfig: inference }),
    ...(toolConfig && { toolConfig }),
  });
}

function choice({ tool_choice: wanted }: ChatRequest): object {
  if (wanted === "required") return { toolChoice: { any: {} } };
  if (typeof wanted === "object") return { toolChoice: { tool: { name: wanted.function.name } } };
  return {};
}

function merge(messages: Message[]): { role: string; content: object[] }[] {
  const turns: { role: string; content: object[] }[] = [];
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocks(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  return turns;
}

function blocks({ role, content, tool_calls: calls = [], tool_call_id: id }: Message): object[] {
  if (role === "tool") return [{ toolResult: { toolUseId: id, content: [{ text: textOf(content) }] } }];
  const parts: Part[] = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
  return [
    ...parts.flatMap(block),
    ...calls.map(({ id: call, function: { name, arguments: given } }) => ({
      toolUse: { toolUseId: call, name, input: argumentsOf(given) },
    })),
  ];
}

function block(part: Part): object[] {
  if (part.type === "text") return (part as TextPart).text === "" ? [] : [{ text: (part as TextPart).text }];
  if (part.type === "file") return [document(part as FilePart)];
  if (part.type !== "image_url") throw unsupportedPart(part, "Amazon Bedrock");
  const inline = dataUrl((part as ImagePart).image_url.url);
  if (!inline) throw new CallError(400, "not_supported", "Bedrock takes pictures as data: addresses only.");
  return [{ image: { format: inline.mediaType.replace(/^image\//, ""), source: { bytes: inline.data } } }];
}

function document({ file: { file_data: data = "", filename = "document" } }: FilePart): object {
  const inline = dataUrl(data);
  if (!inline) throw new CallError(400, "not_supported", "Bedrock takes files as data: addresses only.");
  const format = /pdf|csv|docx?|xlsx?|html|md|plain/.exec(inline.mediaType)?.[0]?.replace("plain", "txt") ?? "txt";
  // Names are letters, digits, spaces, dashes and brackets.
  const name = filename.replace(/\.[^.]*$/, "").replace(/[^A-Za-z0-9 ()[\]-]+/g, "-");
  return { document: { format, name, source: { bytes: inline.data } } };
}

interface ConverseUsage {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadInputTokens?: number;
}

interface ToolUse {
  toolUseId: string;
  name: string;
  input?: unknown;
}

/** @throws Error when it is no answer of Converse */
export function readConverse(body: Buffer, model: string): ChatAnswer {
  const { output, stopReason, usage } = JSON.parse(body.toString()) as {
    output?: { message?: { content?: { text?: string; toolUse?: ToolUse }[] } };
    stopReason?: string;
    usage?: ConverseUsage;
  };
  const content = output?.message?.content;
  if (!content) throw new Error("it has no message");
  const text = content.flatMap((one) => one.text ?? []);
  const form = content.find(({ toolUse }) => toolUse?.name === formTool)?.toolUse;
  if (form) {
    const said = JSON.stringify(form.input ?? {});
    return {
      id: `bedrock-${crypto.randomUUID()}`,
      model,
      text: said,
      calls: [],
      finish: "stop",
      tokens: usage && tokensOf(usage),
    };
  }
  return {
    id: `bedrock-${crypto.randomUUID()}`,
    model,
    text: text.length > 0 ? text.join("") : null,
    calls: content.flatMap(({ toolUse }) =>
      toolUse
        ? [
            {
              id: toolUse.toolUseId,
              type: "function" as const,
              function: { name: toolUse.name, arguments: JSON.stringify(toolUse.input ?? {}) },
            },
          ]
        : [],
    ),
    finish: finishOf(stopReason),
    tokens: usage && tokensOf(usage),
  };
}

interface Event {
  contentBlockIndex?: number;
  start?: { toolUse?: ToolUse };
  delta?: { text?: string; toolUse?: { input?: string } };
  stopReason?: string;
  usage?: ConverseUsage;
  message?: string;
}

/** Reads the stream of Converse. */
export function converseReader(): StepReader {
  const splitter = splitMessages();
  const calls = new Map<number, number>();
  const forms = new Set<number>();
  const state = { stopped: false, error: undefined as string | undefined, tokens: undefined as Tokens | undefined };
  return {
    push: (chunk) =>
      splitter.push(chunk).flatMap(({ headers, payload }) => {
        const event = JSON.parse(payload.toString()) as Event;
        if (headers[":message-type"] === "exception" || headers[":message-type"] === "error") {
          state.error = event.message ?? headers[":exception-type"] ?? "The provider failed.";
          return [];
        }
        return read(headers[":event-type"] ?? "", event);
      }),
    get finished() {
      return state.stopped;
    },
    get error() {
      return state.error;
    },
    get tokens() {
      return state.tokens;
    },
  };

  function read(type: string, { contentBlockIndex: at = 0, start, delta, stopReason, usage }: Event): Step[] {
    if (type === "metadata" && usage) state.tokens = tokensOf(usage);
    if (type === "messageStop") {
      state.stopped = true;
      return [{ is: "finish", reason: forms.size > 0 ? "stop" : finishOf(stopReason) }];
    }
    if (start?.toolUse?.name === formTool) {
      forms.add(at);
      return [];
    }
    if (start?.toolUse) {
      calls.set(at, calls.size);
      return [{ is: "call", index: calls.size - 1, id: start.toolUse.toolUseId, name: start.toolUse.name }];
    }
    if (delta?.text) return [{ is: "text", text: delta.text }];
    const { input } = delta?.toolUse ?? {};
    if (input && forms.has(at)) return [{ is: "text", text: input }];
    return input ? [{ is: "arguments", index: calls.get(at) ?? 0, text: input }] : [];
  }
}

function tokensOf({ inputTokens = 0, outputTokens = 0, cacheReadInputTokens: cached = 0 }: ConverseUsage): Tokens {
  return { input: inputTokens + cached, cached, output: outputTokens };
}

function finishOf(reason: string | undefined): FinishReason {
  if (reason === "max_tokens") return "length";
  if (reason === "tool_use") return "tool_calls";
  return reason === "guardrail_intervened" || reason === "content_filtered" ? "content_filter" : "stop";
}
