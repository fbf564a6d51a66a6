import { type Fields, invalid, listAt, objectAt, textAt, unsupported } from "./fields.ts";
import {
  type Format,
  type Media,
  type Part,
  sameType,
  schemaOf,
  sourceOf,
  type Tool,
  type ToolChoice,
} from "./model.ts";

// What the readers of requests have in common: fields that two APIs have alike, or one a level deeper.

/** A content: a text alone, or a list of parts. @param partOf what a part of this API is */
export function partsOf(content: unknown, at: string, partOf: (part: Fields, at: string) => Part[]): Part[] {
  if (content === undefined) return [];
  if (typeof content === "string") return content === "" ? [] : [{ is: "text", text: content }];
  return listAt(content, at).flatMap((part, number) => partOf(objectAt(part, `${at}[${number}]`), `${at}[${number}]`));
}

/** A tool that the client runs. @param schema of its arguments, under whatever name the API has it */
export function toolFrom(
  { name, description }: Fields,
  schema: unknown,
  strict: boolean | undefined,
  at: string,
): Tool {
  return {
    name: textAt(name, `${at}.name`),
    description: typeof description === "string" && description !== "" ? description : undefined,
    schema: schemaOf(schema),
    strict,
  };
}

export function stopOf(stop: unknown): string[] | undefined {
  if (stop === undefined) return undefined;
  const texts = (typeof stop === "string" ? [stop] : listAt(stop, "stop")).map((one, at) => textAt(one, `stop[${at}]`));
  const filled = texts.filter((text) => text !== "");
  return filled.length > 0 ? filled : undefined;
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

/** OpenAI's clients send a file as a data: address, some as its base64 alone. */
export function fileSource(data: string): Media["source"] {
  const source = sourceOf(data);
  if (!("url" in source) || /^[a-z]+:/i.test(data)) return source;
  return { mediaType: sameType("application/pdf"), data };
}
