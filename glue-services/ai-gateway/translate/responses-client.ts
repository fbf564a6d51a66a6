import type { Tokens } from "../usage/usage.ts";
import { CallError } from "../wire/call-error.ts";
import type { Body } from "../wire/shape.ts";
import type {
  ChatAnswer,
  ChatRequest,
  FinishReason,
  Message,
  Part,
  Step,
  StepWriter,
  TextPart,
  Tool,
  ToolChoice,
} from "./chat.ts";

interface Said {
  type: string;
  text?: string;
  image_url?: string;
  detail?: string;
  input_audio?: object;
  file_data?: string;
  filename?: string;
}

interface Item {
  type?: string;
  role?: string;
  content?: string | Said[];
  call_id?: string;
  name?: string;
  arguments?: string;
  output?: string | { text?: string }[];
}

/**
 * A request of OpenAI's responses as a chat.
 *
 * @throws CallError for what only a provider that keeps the conversation can do
 */
export function fromResponses(body: Body, model: string): ChatRequest {
  if (body.previous_response_id || body.conversation || body.background) {
    throw new CallError(400, "not_supported", "This model's provider keeps no conversations: send the whole input.");
  }
  const input =
    typeof body.input === "string" ? [{ role: "user", content: body.input }] : ((body.input ?? []) as Item[]);
  const tools = ((body.tools ?? []) as { type: string; name: string }[]).map(toolOf);
  const { format } = (body.text ?? {}) as {
    format?: { type: string; name?: string; schema?: object; strict?: boolean };
  };
  const choice = body.tool_choice as string | { type: string; name?: string } | undefined;
  const { effort } = (body.reasoning ?? {}) as { effort?: string };
  return {
    model,
    messages: [
      ...(body.instructions ? [{ role: "system" as const, content: String(body.instructions) }] : []),
      ...join(input.flatMap(messageOf)),
    ],
    ...(body.stream === true && { stream: true }),
    ...(body.max_output_tokens != null && { max_completion_tokens: Number(body.max_output_tokens) }),
    ...(body.temperature != null && { temperature: Number(body.temperature) }),
    ...(body.top_p != null && { top_p: Number(body.top_p) }),
    ...(tools.length > 0 && { tools }),
    ...(choice !== undefined && { tool_choice: choiceOf(choice) }),
    ...(typeof body.parallel_tool_calls === "boolean" && { parallel_tool_calls: body.parallel_tool_calls }),
    ...(format?.type === "json_schema" && {
      response_format: {
        type: "json_schema",
        json_schema: { name: format.name ?? "answer", ...(format.schema && { schema: format.schema }) },
      },
    }),
    ...(format?.type === "json_object" && { response_format: { type: "json_object" } }),
    ...(effort && { reasoning_effort: effort }),
  };
}

function toolOf(tool: { type: string; name: string; description?: string; parameters?: object }): Tool {
  if (tool.type !== "function") {
    throw new CallError(400, "not_supported", `This model's provider has no tool of the type ${tool.type}.`);
  }
  const { name, description, parameters } = tool;
  return {
    type: "function",
    function: { name, ...(description && { description }), ...(parameters && { parameters }) },
  };
}

function choiceOf(choice: string | { type: string; name?: string }): ToolChoice {
  if (typeof choice === "object") return { type: "function", function: { name: choice.name ?? "" } };
  return choice === "none" || choice === "required" ? choice : "auto";
}

function messageOf(item: Item): Message[] {
  if (item.type === "function_call") {
    const call = { name: item.name ?? "", arguments: item.arguments ?? "{}" };
    return [
      { role: "assistant", content: null, tool_calls: [{ id: item.call_id ?? "", type: "function", function: call }] },
    ];
  }
  if (item.type === "function_call_output") {
    const { output = "" } = item;
    const content = typeof output === "string" ? output : output.map(({ text = "" }) => text).join("");
    return [{ role: "tool", tool_call_id: item.call_id ?? "", content }];
  }
  if (item.type !== undefined && item.type !== "message") return [];
  const role = item.role as Message["role"];
  if (typeof item.content === "string") return [{ role, content: item.content }];
  const parts = (item.content ?? []).flatMap((one): Part[] => {
    if (one.type === "input_image") return [{ type: "image_url", image_url: { url: one.image_url ?? "" } }];
    if (one.type === "input_audio") return [{ type: "input_audio", input_audio: one.input_audio }];
    if (one.type === "input_file") {
      const { file_data = "", filename = "document" } = one;
      return [{ type: "file", file: { file_data, filename } }];
    }
    return one.text === undefined ? [] : [{ type: "text", text: one.text }];
  });
  return [
    {
      role,
      content: parts.every(({ type }) => type === "text")
        ? parts.map((part) => (part as TextPart).text).join("")
        : parts,
    },
  ];
}

/** Calls that belong to one turn are one message. */
function join(messages: Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role === "assistant" && message.role === "assistant" && message.tool_calls) {
      last.tool_calls = [...(last.tool_calls ?? []), ...message.tool_calls];
    } else joined.push({ ...message });
  }
  return joined;
}

const empty: Tokens = { input: 0, cached: 0, output: 0 };

function response(id: string, model: string, status: string, output: object[], tokens?: Tokens, finish?: FinishReason) {
  return {
    id,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status,
    model,
    output,
    error: null,
    incomplete_details: finish === "length" ? { reason: "max_output_tokens" } : null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: "auto",
    tools: [],
    top_p: null,
    usage: tokens
      ? {
          input_tokens: tokens.input,
          input_tokens_details: { cached_tokens: tokens.cached },
          output_tokens: tokens.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: tokens.input + tokens.output,
        }
      : null,
  };
}

/** A whole answer as a response. */
export function responsesAnswer({ id, model, text, calls, finish, tokens }: ChatAnswer): string {
  const output = [
    ...(text ? [messageItem(`msg_${id}`, text)] : []),
    ...calls.map(({ id: call, function: { name, arguments: given } }) => callItem(call, name, given)),
  ];
  return JSON.stringify(response(`resp_${id}`, model, statusOf(finish), output, tokens ?? empty, finish));
}

function messageItem(id: string, text: string, status = "completed") {
  const content = status === "completed" ? [{ type: "output_text", text, annotations: [], logprobs: [] }] : [];
  return { type: "message", id, status, role: "assistant", content };
}

function callItem(call: string, name: string, given: string, status = "completed") {
  return { type: "function_call", id: `fc_${call}`, call_id: call, name, arguments: given, status };
}

function statusOf(finish: FinishReason): string {
  return finish === "length" ? "incomplete" : "completed";
}

/** A stream of OpenAI's response events. */
export function responsesWriter(id: string, model: string): StepWriter {
  const done: object[] = [];
  let number = 0;
  let open:
    | { is: "text"; id: string; text: string }
    | { is: "call"; call: string; name: string; text: string }
    | undefined;
  let finish: FinishReason = "stop";
  return {
    write(step) {
      return (number === 0 ? start() : "") + written(step);
    },
    end(tokens) {
      const head = (number === 0 ? start() : "") + close();
      const status = statusOf(finish);
      return head + event(`response.${status}`, { response: response(id, model, status, done, tokens, finish) });
    },
  };

  function start(): string {
    const begun = { response: response(id, model, "in_progress", []) };
    return event("response.created", begun) + event("response.in_progress", begun);
  }

  function written(step: Step): string {
    if (step.is === "finish") {
      finish = step.reason;
      return "";
    }
    const output_index = done.length;
    if (step.is === "call") {
      const before = close();
      open = { is: "call", call: step.id, name: step.name, text: "" };
      const item = callItem(step.id, step.name, "", "in_progress");
      return before + event("response.output_item.added", { output_index: done.length, item });
    }
    if (step.is === "arguments") {
      if (open?.is !== "call") return "";
      open.text += step.text;
      const item_id = `fc_${open.call}`;
      return event("response.function_call_arguments.delta", { output_index, item_id, delta: step.text });
    }
    const before = open?.is === "text" ? "" : close() + begin();
    if (open?.is !== "text") return before;
    open.text += step.text;
    const place = { item_id: open.id, output_index: done.length, content_index: 0 };
    return before + event("response.output_text.delta", { ...place, delta: step.text, logprobs: [] });
  }

  function begin(): string {
    const item_id = `msg_${id}_${done.length}`;
    open = { is: "text", id: item_id, text: "" };
    const place = { item_id, output_index: done.length };
    const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
    return (
      event("response.output_item.added", {
        output_index: done.length,
        item: messageItem(item_id, "", "in_progress"),
      }) + event("response.content_part.added", { ...place, content_index: 0, part })
    );
  }

  function close(): string {
    if (!open) return "";
    const ended = open;
    const output_index = done.length;
    open = undefined;
    if (ended.is === "call") {
      const item = callItem(ended.call, ended.name, ended.text);
      done.push(item);
      const all = { output_index, item_id: item.id, name: ended.name, arguments: ended.text };
      return (
        event("response.function_call_arguments.done", all) + event("response.output_item.done", { output_index, item })
      );
    }
    const item = messageItem(ended.id, ended.text);
    done.push(item);
    const place = { item_id: ended.id, output_index, content_index: 0 };
    return (
      event("response.output_text.done", { ...place, text: ended.text, logprobs: [] }) +
      event("response.content_part.done", { ...place, part: item.content[0] }) +
      event("response.output_item.done", { output_index, item })
    );
  }

  function event(type: string, data: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...data })}\n\n`;
  }
}
