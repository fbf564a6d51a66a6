import type { Step } from "./model.ts";
import { newId } from "./names.ts";

/** A piece of a tool call as servers of chat completions send it: any field may be missing, empty or null. */
export interface ToolDelta {
  index?: unknown;
  id?: unknown;
  type?: unknown;
  function?: { name?: unknown; arguments?: unknown } | null;
}

interface Call {
  /** As it is counted in the steps. */
  number: number;
  /** As the server numbers it. */
  index: number | undefined;
  id: string | undefined;
  name: string | undefined;
  text: string;
  begun: boolean;
}

interface Piece {
  index: number | undefined;
  id: string | undefined;
  name: string | undefined;
  text: string;
}

/** Puts pieces of tool calls together by id, else by number, else by their order. */
export interface ToolCalls {
  take(deltas: readonly unknown[]): Step[];
  /** Of an answer that is not streamed: each is a call of its own. */
  whole(calls: readonly unknown[]): Step[];
  /** A call of which no name ever came. */
  readonly nameless: boolean;
}

export function toolCalls(): ToolCalls {
  const calls: Call[] = [];
  return {
    take: (deltas) => deltas.flatMap((delta, at) => add(pieceOf(delta), deltas.length > 1 ? at : undefined)),
    whole: (whole) => whole.flatMap((one) => extend(open(pieceOf(one)), pieceOf(one))),
    get nameless() {
      return calls.some(({ begun }) => !begun);
    },
  };

  function add(piece: Piece, position: number | undefined): Step[] {
    return extend(callOf(piece, position) ?? open(piece), piece);
  }

  function extend(call: Call, piece: Piece): Step[] {
    call.id ??= piece.id;
    call.index ??= piece.index;
    call.name ??= piece.name;
    call.text += piece.text;
    if (!call.begun) return begin();
    return piece.text === "" ? [] : [{ is: "arguments", index: call.number, text: piece.text }];
  }

  /** A client cannot take a name back, or an order: calls begin one after another when their names are known. */
  function begin(): Step[] {
    const steps: Step[] = [];
    for (const call of calls) {
      if (call.begun) continue;
      if (call.name === undefined) break;
      call.begun = true;
      steps.push({ is: "call", index: call.number, id: call.id ?? newId(), name: call.name });
      if (call.text !== "") steps.push({ is: "arguments", index: call.number, text: call.text });
    }
    return steps;
  }

  function open({ index, id }: Piece): Call {
    const call: Call = { number: calls.length, index, id, name: undefined, text: "", begun: false };
    calls.push(call);
    return call;
  }

  /** The call a piece goes on with; undefined when it begins one. */
  function callOf(piece: Piece, position: number | undefined): Call | undefined {
    const { index, id, name, text } = piece;
    const byId = id === undefined ? undefined : calls.findLast((call) => call.id === id);
    if (byId && (index === undefined || byId.index === undefined || byId.index === index)) {
      return name !== undefined && byId.name !== undefined && name !== byId.name ? undefined : byId;
    }
    const known = index === undefined ? undefined : calls.findLast((call) => call.index === index);
    if (index !== undefined && !known) {
      // A number that comes late belongs to the call that waits for its name.
      const last = calls.at(-1);
      return last && last.index === undefined && !last.begun && id === undefined ? last : undefined;
    }
    const place = position !== undefined && id === undefined && name === undefined ? calls[position] : undefined;
    const current = known ?? place ?? calls.at(-1);
    if (!current) return undefined;
    if (id !== undefined && current.id !== undefined && current.id !== id) {
      // Some servers make up a new id for every piece.
      return index !== undefined && name === undefined && text !== "" && current.begun ? current : undefined;
    }
    if (id !== undefined && current.id === undefined && current.begun && name !== undefined) return undefined;
    return isAnother(current, piece) ? undefined : current;
  }
}

/** A name that comes again is a repetition, or a call that says no more of itself than its name. */
function isAnother(call: Call, { name, text }: Piece): boolean {
  if (name === undefined || call.name === undefined) return false;
  if (name !== call.name) return true;
  return text !== "" && isWhole(call.text);
}

/** Whether arguments are complete. */
export function isWhole(text: string): boolean {
  if (!/^\s*\{.*\}\s*$/s.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function pieceOf(delta: unknown): Piece {
  const { index, id, function: called, ...rest } = (delta ?? {}) as ToolDelta & { name?: unknown; arguments?: unknown };
  const { name, arguments: given } = called ?? rest;
  return {
    index: typeof index === "number" ? index : undefined,
    id: filled(id),
    name: filled(name),
    text: typeof given === "object" && given !== null ? JSON.stringify(given) : typeof given === "string" ? given : "",
  };
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
