import { Ajv } from "ajv";
import type { WebSocket } from "ws";
import type { Identity } from "../authentication.ts";
import type { Numbered } from "./channel.ts";
import { closeCodes } from "./close-codes.ts";
import type { Hub } from "./hub.ts";
import { ClientMessage, type ServerMessage } from "./messages.ts";

/** Bytes that may wait for a client, topics it may hear, and messages a minute it may send. */
export const connectionLimits = { waiting: 1024 * 1024, topics: 100, messages: 600 };

/** One client. */
export interface Connection {
  /** Asks again who it is and what it may hear; closes it, or ends subscriptions, where that is no longer so. */
  recheck(): Promise<void>;
  /** Sends a ping; a client that has not answered the last one is cut off. */
  beat(): void;
}

const understands = new Ajv().compile<ClientMessage>(ClientMessage);

/** `identify` says who the client is now, undefined when it is nobody any more. */
export function serve(socket: WebSocket, hub: Hub, identify: () => Promise<Identity | undefined>): Connection {
  const subscriptions = new Map<string, () => void>();
  let alive = true;
  let minute = { begun: performance.now(), messages: 0 };
  // One at a time, so that an unsubscribe cannot overtake the subscribe before it.
  let queue = Promise.resolve();

  socket.on("pong", () => {
    alive = true;
  });
  socket.on("message", (raw, binary) => {
    if (flooded()) return socket.close(closeCodes.tooMany, "too many messages");
    const message = binary ? undefined : parse(String(raw));
    if (!message) return send({ type: "invalid", message: "This is not a message of the protocol." });
    queue = queue.then(() => handle(message)).catch(() => socket.close(1011, "internal error"));
  });
  socket.on("close", () => {
    for (const end of subscriptions.values()) end();
    subscriptions.clear();
  });
  socket.on("error", () => socket.terminate());

  return {
    async recheck() {
      // Where nobody can say who it is nothing is sent to them; they come back, and are asked then.
      const identity = await identify().catch((error: unknown) => {
        socket.close(closeCodes.goingAway, "try again");
        throw error;
      });
      if (!identity) return socket.close(closeCodes.unauthenticated, "signed out");
      for (const topic of [...subscriptions.keys()]) {
        if (!(await hub.find(identity, topic))) refuse(topic);
      }
    },
    beat() {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    },
  };

  async function handle(message: ClientMessage): Promise<void> {
    if (message.type === "unsubscribe") return unsubscribe(message.topic);
    const { topic, after } = message;
    const identity = await identify();
    if (!identity) return socket.close(closeCodes.unauthenticated, "signed out");
    const channel = await hub.find(identity, topic);
    if (!channel || (subscriptions.size >= connectionLimits.topics && !subscriptions.has(topic))) return refuse(topic);
    if (socket.readyState !== socket.OPEN) return;
    unsubscribe(topic);
    const missed = after === undefined ? [] : channel.since(after);
    send({ type: missed ? "subscribed" : "resync", topic, at: after !== undefined && missed ? after : channel.at });
    const forward = ({ at, data, lost }: Numbered) =>
      send(lost ? { type: "resync", topic, at } : { type: "message", topic, at, data });
    for (const one of missed ?? []) forward(one);
    channel.listeners.add(forward);
    subscriptions.set(topic, () => channel.listeners.delete(forward));
  }

  function unsubscribe(topic: string): void {
    subscriptions.get(topic)?.();
    subscriptions.delete(topic);
  }

  function refuse(topic: string): void {
    unsubscribe(topic);
    send({ type: "refused", topic });
  }

  function send(message: ServerMessage): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > connectionLimits.waiting) {
      // A close frame would wait behind everything else.
      socket.close(closeCodes.tooSlow, "too slow");
      setTimeout(() => socket.terminate(), 1000).unref();
      return;
    }
    socket.send(JSON.stringify(message));
  }

  function flooded(): boolean {
    const now = performance.now();
    if (now - minute.begun > 60_000) minute = { begun: now, messages: 0 };
    return ++minute.messages > connectionLimits.messages;
  }
}

function parse(text: string): ClientMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return understands(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
