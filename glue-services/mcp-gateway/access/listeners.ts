import type { FastifyReply, FastifyRequest } from "fastify";
import { identityChannel } from "../../identity/contract.ts";
import type { App } from "../../kit/index.ts";
import type { Message } from "../pass/message.ts";
import { type Caller, callerOf } from "./caller.ts";

/** Streams that are open without a question: what servers say by themselves goes to whoever may still hear it. */
export interface Listeners {
  /** Ends the stream when its caller is nobody any more, or somebody with less. */
  watch(caller: Caller, request: FastifyRequest, reply: FastifyReply): void;
  close(): void;
}

/** Milliseconds after which each is asked for again: a key that expires is told to nobody. */
const every = 3000;
/** Milliseconds that changes are gathered for. */
const together = 50;

interface Open {
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
}

export function openListeners(app: App): Listeners {
  const streams = new Set<Open>();
  const asking = setInterval(look, every);
  asking.unref();
  // People, keys, roles and consents that change are told of by every host; many at once are looked at once.
  let told: NodeJS.Timeout | undefined;
  let heard: { close(): void } | undefined;
  app.addHook("onReady", async () => {
    heard = await app.listener.on(identityChannel, () => {
      told ??= setTimeout(look, together).unref();
    });
  });
  return {
    watch(caller, request, reply) {
      const open: Open = { caller, request, reply };
      streams.add(open);
      reply.raw.once("close", () => streams.delete(open));
    },
    close() {
      clearInterval(asking);
      clearTimeout(told);
      heard?.close();
    },
  };

  function look(): void {
    told = undefined;
    for (const open of streams) void check(open);
  }

  async function check({ caller, request, reply }: Open): Promise<void> {
    const now = await callerOf(app, request).catch((error: unknown) => error);
    if (isSame(now, caller) || isOurs(now)) return;
    // A client that may begin anew does so, and is told why it may not.
    reply.raw.destroy();
  }
}

/** Whether a request opens a stream that no answer ends. */
export function listens(method: string, messages: () => readonly Message[]): boolean {
  return method === "GET" || (method === "POST" && messages().some((one) => one.method === "subscriptions/listen"));
}

function isSame(now: unknown, { id }: Caller): boolean {
  return !(now instanceof Error) && (now as Caller).id === id;
}

/** The database is away, or there were too many wrong keys from the address: no word about this caller. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && !["UNAUTHENTICATED", "FORBIDDEN"].includes((error as { code?: string }).code ?? "");
}
