import type { Answer, FinishReason, Part, Reasoning, Step, ToolCall } from "./model.ts";

/** Steps as every client may have them, from steps as providers give them. */
export interface Settling {
  take(steps: readonly Step[]): Step[];
  /** What the answer ends with. */
  end(): Step[];
}

/**
 * Says why an answer ended once, at its end, and rightly: servers say `stop` where the model calls a tool. A call without
 * arguments gets an empty object, which is what clients parse.
 *
 * @param nameOf a tool's name as the client knows it
 * @param alone the client takes one call at a time: more are left out, whatever the provider makes of that wish
 */
export function settle(nameOf: (name: string) => string = (name) => name, alone = false): Settling {
  /** Of each call, whether arguments have come; clients count calls from 0. */
  const calls = new Map<number, { index: number; filled: boolean }>();
  let reason: FinishReason | undefined;
  return {
    take: (steps) => steps.flatMap(settled),
    end() {
      const empty = [...calls.values()].filter(({ filled }) => !filled);
      const finish = calls.size > 0 && (reason ?? "stop") === "stop" ? "tool_calls" : (reason ?? "stop");
      return [
        ...empty.map(({ index }): Step => ({ is: "arguments", index, text: "{}" })),
        { is: "finish", reason: calls.size === 0 && finish === "tool_calls" ? "stop" : finish },
      ];
    },
  };

  function settled(step: Step): Step[] {
    if (step.is === "finish") {
      if (reason === undefined || reason === "stop") ({ reason } = step);
      return [];
    }
    if (step.is === "call") {
      if (alone && calls.size > 0) return [];
      const index = calls.size;
      calls.set(step.index, { index, filled: false });
      return [{ ...step, index, name: nameOf(step.name) }];
    }
    if (step.is === "arguments") {
      const call = calls.get(step.index);
      if (step.text === "" || !call) return [];
      if (step.text.trim() !== "") call.filled = true;
      return [{ ...step, index: call.index }];
    }
    return "text" in step && step.text === "" && step.is !== "signature" ? [] : [step];
  }
}

/** Parts and end of an answer from all its steps. */
export function collect(steps: readonly Step[]): Pick<Answer, "parts" | "finish"> {
  const parts: Part[] = [];
  const calls = new Map<number, ToolCall>();
  let open: Reasoning | undefined;
  let finish: FinishReason = "stop";
  for (const step of steps) {
    const last = parts.at(-1);
    if (step.is === "text" || step.is === "refusal") {
      if (last?.is === step.is) last.text += step.text;
      else parts.push({ is: step.is, text: step.text });
    } else if (step.is === "reasoning") {
      if (!open || last !== open) {
        open = { is: "reasoning", text: "" };
        parts.push(open);
      }
      open.text += step.text;
    } else if (step.is === "signature") {
      if (open) open.signature = step.text;
      else parts.push({ is: "reasoning", text: "", signature: step.text });
      open = undefined;
    } else if (step.is === "redacted") parts.push({ is: "reasoning", text: "", redacted: step.data });
    else if (step.is === "call") {
      const call: ToolCall = { is: "call", id: step.id, name: step.name, arguments: "" };
      calls.set(step.index, call);
      parts.push(call);
    } else if (step.is === "arguments") {
      const call = calls.get(step.index);
      if (call) call.arguments += step.text;
    } else finish = step.reason;
  }
  return { parts, finish };
}

/** The steps of a whole answer's parts. */
export function stepsOf(parts: readonly Part[]): Step[] {
  let calls = 0;
  return parts.flatMap((part): Step[] => {
    if (part.is === "text" || part.is === "refusal") return [part];
    if (part.is === "call") {
      const { id, name, arguments: text } = part;
      const index = calls++;
      return [
        { is: "call", index, id, name },
        { is: "arguments", index, text },
      ];
    }
    if (part.is !== "reasoning") return [];
    if (part.redacted !== undefined) return [{ is: "redacted", data: part.redacted }];
    const signed: Step[] = part.signature === undefined ? [] : [{ is: "signature", text: part.signature }];
    return [{ is: "reasoning", text: part.text }, ...signed];
  });
}
