import { randomUUID } from "node:crypto";
import { inputRequired, type ServerContext } from "@modelcontextprotocol/server";
import type { Call, Params, Result } from "./source.ts";

/**
 * Lets a server of the older protocol ask something in the middle of a request of the newer one, which knows no such
 * thing: the request ends with the question, and its work waits here until the client comes back with the answer.
 */
export interface Parking {
  run(
    context: ServerContext,
    params: Params,
    call: Call,
    work: (params: Params, call: Call) => Promise<Result>,
  ): Promise<Result>;
  /** Questions that wait for their answers. */
  size(): number;
  close(): void;
}

type Event = { question: Question } | { result: Result } | { error: unknown };

interface Question {
  method: string;
  params: Params;
  answer(result: Result): void;
}

/** Work that goes on beside the requests that follow it. */
interface Running {
  /** What happened and nobody heard of yet, and who waits for the next. */
  events: Event[];
  hear: (() => void) | undefined;
  abort: AbortController;
}

interface Parked {
  running: Running;
  question: Question;
  timer: NodeJS.Timeout;
}

/** Milliseconds a question waits for its answer, and how many may wait for one caller. */
const patience = 300_000;
const most = 50;
const mark = "devflow-parked ";

/** The host where a question is open, by the state that its answer comes with. */
export function parkedAt(state: unknown): string | undefined {
  return typeof state === "string" && state.startsWith(mark) ? state.slice(mark.length).split(" ")[0] : undefined;
}

/** For one caller: nobody else's requests find what is parked here. @param host id of this host */
export function openParking(host: string): Parking {
  const parked = new Map<string, Parked>();
  return {
    async run(context, params, call, work) {
      const { signal } = context.mcpReq;
      const state = params.requestState;
      if (typeof state !== "string" || !state.startsWith(mark))
        return follow(begin(context, params, call, work), signal);
      const waiting = parked.get(state);
      if (!waiting) throw Object.assign(new Error("This question is not open any more: ask anew."), { code: -32602 });
      parked.delete(state);
      clearTimeout(waiting.timer);
      const [response] = Object.values((params.inputResponses ?? {}) as Record<string, Result>);
      if (!response) return park(waiting.running, waiting.question);
      waiting.question.answer(response);
      return follow(waiting.running, signal);
    },
    size: () => parked.size,
    close() {
      for (const { timer, running } of parked.values()) {
        clearTimeout(timer);
        running.abort.abort();
      }
      parked.clear();
    },
  };

  /** Waits for what happens next, as long as the client does. */
  async function follow(running: Running, signal: AbortSignal): Promise<Result> {
    const stop = () => running.abort.abort();
    signal.addEventListener("abort", stop);
    const event = await next(running);
    signal.removeEventListener("abort", stop);
    if ("error" in event) throw event.error;
    return "result" in event ? event.result : park(running, event.question);
  }

  function park(running: Running, question: Question): Result {
    if (parked.size >= most) {
      running.abort.abort();
      throw new Error("Too many questions are open.");
    }
    const state = `${mark}${host} ${randomUUID()}`;
    const timer = setTimeout(() => {
      parked.delete(state);
      running.abort.abort();
    }, patience);
    parked.set(state, { running, question, timer: timer.unref() });
    const { method, params } = question;
    const asked = { method, params } as never;
    return inputRequired({ inputRequests: { question: asked }, requestState: state }) as unknown as Result;
  }
}

function begin(
  { mcpReq }: ServerContext,
  params: Params,
  call: Call,
  work: (params: Params, call: Call) => Promise<Result>,
): Running {
  const running: Running = { events: [], hear: undefined, abort: new AbortController() };
  const tell = (event: Event) => {
    running.events.push(event);
    running.hear?.();
  };
  const able = (mcpReq.envelope as Record<string, Params> | undefined)?.["io.modelcontextprotocol/clientCapabilities"];
  const ask = (method: string, asked: Params) =>
    new Promise<Result>((answer, reject) => {
      if (able?.[needed[method] ?? ""]) tell({ question: { method, params: asked, answer } });
      else reject(new Error(`The client cannot answer ${method}.`));
    });
  work(params, { ...call, signal: running.abort.signal, ask }).then(
    (result) => tell({ result }),
    (error: unknown) => tell({ error }),
  );
  return running;
}

async function next(running: Running): Promise<Event> {
  for (;;) {
    const event = running.events.shift();
    if (event) return event;
    await new Promise<void>((resolve) => {
      running.hear = resolve;
    });
  }
}

const needed: Record<string, string> = {
  "sampling/createMessage": "sampling",
  "elicitation/create": "elicitation",
  "roots/list": "roots",
};
