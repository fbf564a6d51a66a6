import type { Step } from "./model.ts";
import { isWhole } from "./tool-deltas.ts";

/** A part of a stream in an API whose parts come one after another. */
export type Item =
  | { is: "text" | "refusal"; text: string }
  | { is: "reasoning"; text: string; signature: string | undefined; redacted: string | undefined }
  | { is: "call"; text: string; id: string; name: string };

/** Writes parts: one is open at a time. */
export interface ItemWriter {
  open(item: Item): string;
  piece(item: Item, text: string): string;
  close(item: Item): string;
}

export interface Sequencer {
  write(step: Step): string;
  /** Closes what is open, and writes what waits. */
  end(): string;
}

interface Waiting {
  item: Item;
  /** What came before it was open. */
  held: string;
  /** The call's number in the steps. */
  index: number | undefined;
  ended: boolean;
}

/**
 * Puts steps that come interleaved one part after another: the first open part is written as it comes, others wait until
 * it is whole.
 */
export function inSequence(writer: ItemWriter): Sequencer {
  const queue: Waiting[] = [];
  let open = false;
  return {
    write: (step) => add(step) + advance(),
    end() {
      for (const one of queue) one.ended = true;
      return advance();
    },
  };

  function add(step: Step): string {
    const last = queue.at(-1);
    if (step.is === "finish") return "";
    if (step.is === "call") return begin({ is: "call", text: "", id: step.id, name: step.name }, step.index);
    if (step.is === "arguments") {
      const call = queue.find(({ index }) => index === step.index);
      return call ? extend(call, step.text) : "";
    }
    if (step.is === "redacted") {
      begin({ is: "reasoning", text: "", signature: undefined, redacted: step.data });
      return "";
    }
    if (step.is === "signature") {
      if (last?.item.is !== "reasoning")
        begin({ is: "reasoning", text: "", signature: step.text, redacted: undefined });
      else last.item.signature = step.text;
      const signed = queue.at(-1);
      if (signed) signed.ended = true;
      return "";
    }
    if (last?.item.is === step.is && !last.ended && !("redacted" in last.item && last.item.redacted !== undefined)) {
      return extend(last, step.text);
    }
    const item: Item =
      step.is === "reasoning"
        ? { is: "reasoning", text: "", signature: undefined, redacted: undefined }
        : { is: step.is, text: "" };
    begin(item);
    return extend(queue.at(-1) as Waiting, step.text);
  }

  function begin(item: Item, index?: number): string {
    queue.push({ item, held: "", index, ended: false });
    return "";
  }

  function extend(waiting: Waiting, text: string): string {
    waiting.item.text += text;
    if (open && waiting === queue[0]) return writer.piece(waiting.item, text);
    waiting.held += text;
    return "";
  }

  function advance(): string {
    let text = "";
    for (;;) {
      const [first] = queue;
      if (!first) return text;
      if (!open) {
        open = true;
        text += writer.open(first.item);
        if (first.held !== "") text += writer.piece(first.item, first.held);
      }
      if (!isOver(first)) return text;
      text += writer.close(first.item);
      queue.shift();
      open = false;
    }
  }

  /** A call is over when its arguments are whole, if something waits behind it; all else when something does. */
  function isOver({ ended, item }: Waiting): boolean {
    if (ended) return true;
    return queue.length > 1 && (item.is !== "call" || isWhole(item.text));
  }
}
