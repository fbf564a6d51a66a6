import { createHash } from "node:crypto";
import type { Message, ModelRequest, Part, ToolCall } from "./model.ts";

/** What an API takes as ids of tool calls and as names of tools. */
export interface Rules {
  id: { legal: RegExp; length: number };
  name: { legal: RegExp; length: number };
  /** No two calls of a conversation may have the same id. */
  unique: boolean;
}

const word = /^[A-Za-z0-9_-]+$/;
const any = /^.+$/s;

export const rules = {
  anthropic: { id: { legal: word, length: 128 }, name: { legal: word, length: 128 }, unique: true },
  bedrock: { id: { legal: word, length: 64 }, name: { legal: word, length: 64 }, unique: true },
  openai: { id: { legal: any, length: 40 }, name: { legal: word, length: 64 }, unique: false },
  /** Mistral's models, whoever serves them. */
  mistral: { id: { legal: /^[A-Za-z0-9]{9}$/, length: 9 }, name: { legal: word, length: 64 }, unique: true },
  other: { id: { legal: any, length: 256 }, name: { legal: word, length: 64 }, unique: false },
} satisfies Record<string, Rules>;

/** Marks an id that stands for another one, which it holds. */
const wrapped = "dfid_";

/** An id that `rule` takes, the same each time: itself, one that holds it, or what remains of it. */
export function legalId(id: string, { legal, length }: Rules["id"]): string {
  if (legal.test(id) && id.length <= length) return id;
  const holding = `${wrapped}${Buffer.from(id).toString("base64url")}`;
  if (legal.test(holding) && holding.length <= length) return holding;
  const digest = createHash("sha256").update(id).digest("hex");
  return length < 30 ? digest.slice(0, length) : `call_${digest.slice(0, 24)}`;
}

/** The id that `legalId` was given, where it can be told. */
export function originalId(id: string): string {
  if (!id.startsWith(wrapped)) return id;
  const original = Buffer.from(id.slice(wrapped.length), "base64url").toString();
  return legalId(original, rules.bedrock.id) === id || legalId(original, rules.anthropic.id) === id ? original : id;
}

function legalName(name: string, { legal, length }: Rules["name"]): string {
  if (legal.test(name) && name.length <= length) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, length - 9)}_${digest}`;
}

/** The request with ids and names that an API takes, and the way back for the names of its answer. */
export function legalised(
  request: ModelRequest,
  { id, name, unique }: Rules,
): { request: ModelRequest; nameOf: (legal: string) => string } {
  const names = new Map<string, string>();
  const changed = new Map<string, string>();
  const used = new Map<string, number>();
  const messages = request.messages.map((message): Message => ({ ...message, parts: message.parts.map(legalPart) }));
  const tools = request.tools.map((tool) => ({ ...tool, name: named(tool.name) }));
  const { choice } = request;
  return {
    request: {
      ...request,
      messages,
      tools,
      choice: typeof choice === "object" ? { name: named(choice.name) } : choice,
    },
    nameOf: (legal) => names.get(legal) ?? legal,
  };

  function named(original: string): string {
    const legal = legalName(original, name);
    if (legal !== original) names.set(legal, original);
    return legal;
  }

  function legalPart(part: Part): Part {
    if (part.is === "call") return legalCall(part);
    return part.is === "result" ? { ...part, id: changed.get(part.id) ?? legalId(part.id, id) } : part;
  }

  /** A server that numbers its calls anew each turn gives the same id twice. */
  function legalCall(call: ToolCall): ToolCall {
    const before = used.get(call.id) ?? 0;
    used.set(call.id, before + 1);
    const legal = legalId(unique && before > 0 ? `${call.id}_${before + 1}` : call.id, id);
    changed.set(call.id, legal);
    return { ...call, id: legal, name: named(call.name) };
  }
}

/** For a call to which a provider gave no id. */
export function newId(): string {
  return `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`;
}
