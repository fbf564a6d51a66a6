import { CallError } from "../../../../glue-services/ai-gateway/wire/call-error.ts";
import { type Client, pair } from "./pair.ts";

/** What a request is refused with. @throws Error when it is not */
export function refusal(client: Client, kind: Parameters<typeof pair>[1], more: object): CallError {
  try {
    pair(client, kind, more);
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

/** A tool of Anthropic's clients. */
export const tool = { name: "f", input_schema: { type: "object", properties: {} } };
