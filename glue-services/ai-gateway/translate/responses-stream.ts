import { dataOf, isWellFormed, splitEvents } from "../wire/events.ts";
import type { ChatAnswer, Step, StepReader } from "./chat.ts";

interface Event {
  type?: string;
  delta?: string;
  output_index?: number;
  item?: { type?: string; call_id?: string; name?: string };
  response?: { status?: string };
}

/** Reads a stream of OpenAI's responses as steps. */
export function responsesReader(): StepReader {
  const splitter = splitEvents();
  let finished = false;
  let error: string | undefined;
  return {
    push: (chunk) => splitter.push(chunk).filter(isWellFormed).flatMap(read),
    get finished() {
      return finished;
    },
    get error() {
      return error;
    },
    tokens: undefined,
  };

  function read(text: string): Step[] {
    const data = dataOf(text);
    if (data === undefined || data === "[DONE]") return [];
    const { type = "", delta = "", output_index: index = 0, item, response } = JSON.parse(data) as Event;
    if (type === "error") error = "The provider failed.";
    if (type === "response.output_text.delta") return [{ is: "text", text: delta }];
    if (type === "response.function_call_arguments.delta") return [{ is: "arguments", index, text: delta }];
    if (type === "response.output_item.added" && item?.type === "function_call") {
      return [{ is: "call", index, id: item.call_id ?? "", name: item.name ?? "" }];
    }
    if (type !== "response.completed" && type !== "response.incomplete" && type !== "response.failed") return [];
    finished = true;
    return [{ is: "finish", reason: response?.status === "incomplete" ? "length" : "stop" }];
  }
}

interface Answer {
  id?: string;
  model?: string;
  output?: { type?: string; content?: { type?: string; text?: string }[] }[];
}

/** The text of a whole response. @throws Error when it is none */
export function readResponses(body: Buffer): Pick<ChatAnswer, "text"> {
  const { output } = JSON.parse(body.toString()) as Answer;
  if (!Array.isArray(output)) throw new Error("it has no output");
  const texts = output.flatMap(({ content = [] }) =>
    content.flatMap(({ type, text }) => (type === "output_text" && text ? [text] : [])),
  );
  return { text: texts.join("") };
}
