import { closeCodes } from "../../../../kit/live/close-codes.ts";
import type { ServerMessage } from "../../../../kit/live/messages.ts";

/** live: told of every change; polling: not connected, so pages ask now and then; offline: nothing answers. */
export type LiveState = "connecting" | "live" | "lost";

export interface Listener {
  message(data: unknown): void;
  /** Too much was missed: read the data anew. Also called once subscribed for the first time. */
  resync?(): void;
}

export interface LiveConnection {
  /** Keeps the connection while somebody is signed in. */
  open(): void;
  close(): void;
  retry(): void;
  state(): LiveState;
  /** When the connection was lost, epoch milliseconds; undefined while it is not. */
  lostAt(): number | undefined;
  onState(listener: () => void): () => void;
  listen(topic: string, listener: Listener): () => void;
}

interface Topic {
  listeners: Set<Listener>;
  /** Position of the last message, sent again after a reconnect so that what was missed follows. */
  after: string | undefined;
}

/** Milliseconds between attempts: the first, and the most. */
const backOff = { first: 400, most: 15_000 };

/**
 * One WebSocket for the whole app: topics are subscribed anew after each reconnect, from where they were. `onSignedOut`
 * is told when the server says that the session is over.
 */
export function createConnection(address: () => string, onSignedOut: () => void): LiveConnection {
  const topics = new Map<string, Topic>();
  const watchers = new Set<() => void>();
  let socket: WebSocket | undefined;
  let state: LiveState = "connecting";
  let lostAt: number | undefined;
  let wanted = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  addEventListener("online", () => connection.retry());
  addEventListener("offline", () => socket?.close());

  const connection: LiveConnection = {
    open() {
      wanted = true;
      if (!socket) connect();
    },
    close() {
      wanted = false;
      clearTimeout(timer);
      socket?.close();
      socket = undefined;
      for (const topic of topics.values()) topic.after = undefined;
      become("connecting");
    },
    retry() {
      if (!wanted || state === "live") return;
      clearTimeout(timer);
      attempt = 0;
      if (!socket) connect();
    },
    state: () => state,
    lostAt: () => lostAt,
    onState(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    listen(name, listener) {
      const topic = topics.get(name) ?? { listeners: new Set(), after: undefined };
      topics.set(name, topic);
      topic.listeners.add(listener);
      if (topic.listeners.size === 1) subscribe(name, topic);
      return () => {
        topic.listeners.delete(listener);
        if (topic.listeners.size > 0) return;
        topics.delete(name);
        send({ type: "unsubscribe", topic: name });
      };
    },
  };
  return connection;

  function connect(): void {
    clearTimeout(timer);
    const mine = new WebSocket(address());
    socket = mine;
    mine.onopen = () => {
      attempt = 0;
      become("live");
      for (const [name, topic] of topics) subscribe(name, topic);
    };
    mine.onmessage = ({ data }) => take(JSON.parse(String(data)) as ServerMessage);
    mine.onclose = ({ code }) => {
      if (code === closeCodes.unauthenticated) onSignedOut();
      if (socket !== mine) return;
      socket = undefined;
      if (!wanted) return;
      become("lost");
      const wait = Math.min(backOff.most, backOff.first * 2 ** attempt++);
      timer = setTimeout(connect, wait * (0.7 + Math.random() * 0.6));
    };
  }

  function take(message: ServerMessage): void {
    if (message.type === "invalid") return;
    const topic = topics.get(message.topic);
    if (!topic) return;
    if (message.type === "refused") return;
    const first = topic.after === undefined;
    topic.after = message.at;
    if (message.type === "message") for (const one of topic.listeners) one.message(message.data);
    else if (message.type === "resync" || first) for (const one of topic.listeners) one.resync?.();
  }

  function subscribe(name: string, { after }: Topic): void {
    send({ type: "subscribe", topic: name, ...(after !== undefined && { after }) });
  }

  function send(message: object): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function become(next: LiveState): void {
    if (next === "live") lostAt = undefined;
    else if (state === "live") lostAt = Date.now();
    state = next;
    for (const one of watchers) one();
  }
}
