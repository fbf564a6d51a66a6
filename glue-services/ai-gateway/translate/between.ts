import type { Tokens } from "../usage/usage.ts";
import { withoutMark } from "../wire/events.ts";
import type { Flow, Whole } from "../wire/shape.ts";
import type { Answer, AnswerReader, StepWriter } from "./model.ts";
import { collect, type Settling } from "./settle.ts";

/** Both ends of a translation. What came is judged by what it is: servers answer whole or streamed whatever was asked. */
export interface Ends {
  answers: AnswerReader;
  settle(): Settling;
  answer(answer: Answer): string;
  writer(): StepWriter;
  /** Tokens of the question, where the provider does not count them. */
  expected(): number;
}

/** A whole answer for the client, from one that came whole or as a stream. @throws Error when it is none */
export function wholeBetween(ends: Ends, bytes: Buffer): Whole {
  const body = withoutMark(bytes);
  const settling = ends.settle();
  if (isEventStream(body)) {
    const reader = ends.answers.reader();
    const steps = [...settling.take(reader.push(body)), ...settling.take(reader.rest()), ...settling.end()];
    if (reader.error !== undefined) throw new Error(reader.error);
    if (!reader.finished) throw new Error("the stream ended in the middle");
    const { tokens } = reader;
    const answer = ends.answer({ id: crypto.randomUUID(), model: "", tokens, ...collect(steps) });
    return { body: answer, tokens, contentType: "application/json" };
  }
  const { steps, ...head } = ends.answers.whole(JSON.parse(body.toString()));
  const answer = ends.answer({ ...head, ...collect([...settling.take(steps), ...settling.end()]) });
  return { body: answer, tokens: head.tokens, contentType: "application/json" };
}

/** Whether bytes are events rather than JSON. Amazon's binary events begin with a zero. */
export function isEventStream(body: Buffer): boolean {
  const head = body.toString("latin1", 0, 64).trimStart();
  return body[0] === 0 || /^(data|event|id|retry)?:/.test(head);
}

/** A stream for the client from a whole answer. @throws Error when it is none */
export function streamBetween(
  ends: Ends,
  bytes: Buffer,
): { text: string; tokens: Tokens | undefined; pieces: number; sequence: number } {
  const settling = ends.settle();
  const { steps, tokens } = ends.answers.whole(JSON.parse(withoutMark(bytes).toString()));
  const all = [...settling.take(steps), ...settling.end()];
  const writer = ends.writer();
  const text = all.map((step) => writer.write(step)).join("");
  const counted = tokens ?? { input: ends.expected(), cached: 0, output: steps.length };
  return { text: text + writer.end(counted), tokens, pieces: steps.length, sequence: writer.sequence };
}

/** A stream for the client from a provider's stream. */
export function flowBetween(ends: Ends): Flow {
  const reader = ends.answers.reader();
  const writer = ends.writer();
  const settling = ends.settle();
  let pieces = 0;
  return judged(() => ends, {
    push: (chunk) => written(settling.take(reader.push(chunk))),
    rest: () => written(settling.take(reader.rest())),
    end() {
      const last = settling
        .end()
        .map((step) => writer.write(step))
        .join("");
      return last + writer.end(reader.tokens ?? { input: ends.expected(), cached: 0, output: pieces });
    },
    get started() {
      return pieces > 0;
    },
    get finished() {
      return reader.finished;
    },
    get error() {
      return reader.error;
    },
    get tokens() {
      return reader.tokens;
    },
    get pieces() {
      return pieces;
    },
    get sequence() {
      return writer.sequence;
    },
  });

  function written(steps: ReturnType<Settling["take"]>): string {
    pieces += steps.length;
    return steps.map((step) => writer.write(step)).join("");
  }
}

/** Bytes of a whole answer where a stream was asked. */
const longest = 64 * 1024 * 1024;

/** A flow that also takes a whole answer: JSON begins with a bracket, events never do. */
export function judged(ends: () => Ends, flow: Flow): Flow {
  let current = flow;
  let begun = false;
  return {
    push(chunk) {
      if (!begun && chunk.length > 0) {
        begun = true;
        const head = withoutMark(chunk).toString("latin1", 0, 64).trimStart();
        if (head.startsWith("{") || head.startsWith("[")) current = wholeFlow(ends());
      }
      return current.push(chunk);
    },
    rest: () => current.rest(),
    end: () => current.end(),
    get started() {
      return current.started;
    },
    get finished() {
      return current.finished;
    },
    get error() {
      return current.error;
    },
    get tokens() {
      return current.tokens;
    },
    get pieces() {
      return current.pieces;
    },
    get sequence() {
      return current.sequence;
    },
  };
}

function wholeFlow(ends: Ends): Flow {
  const chunks: Buffer[] = [];
  let size = 0;
  let made: ReturnType<typeof streamBetween> | undefined;
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > longest) throw new Error("the answer is too long");
      return "";
    },
    rest() {
      made = streamBetween(ends, Buffer.concat(chunks));
      return "";
    },
    end: () => made?.text ?? "",
    get started() {
      return made !== undefined && made.pieces > 0;
    },
    get finished() {
      return made !== undefined;
    },
    error: undefined,
    get tokens() {
      return made?.tokens;
    },
    get pieces() {
      return made?.pieces ?? 0;
    },
    get sequence() {
      return made?.sequence ?? 0;
    },
  };
}
