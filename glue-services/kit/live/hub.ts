import type { Identity } from "../authentication.ts";
import { type Channel, openChannel } from "./channel.ts";

export interface TopicOptions {
  /** Asked at each subscription and every few seconds after it. @default everyone of the organisation */
  authorise?(identity: Identity, topic: string): boolean | Promise<boolean>;
  /** One stream for all organisations, rather than one for each. @default false */
  shared?: boolean;
  /** It tells of this host alone, and is heard at this host only. @default false */
  here?: boolean;
}

/** What services publish to; `app.live`. */
export interface Live {
  /** Declares a topic, or with `/*` at its end all below it. What is not declared can be neither published nor heard. */
  topic(pattern: string, options?: TopicOptions): void;
  /** Tells all who listen. `organisation` is needed unless the topic is shared. */
  publish(topic: string, data: unknown, to?: { organisation: string }): void;
}

/** A message as it goes from one host to the others. */
export interface Published {
  topic: string;
  organisation: string | undefined;
  data: unknown;
}

export interface Hub extends Live {
  /** Is called with everything that other hosts should hear of. */
  onPublish(tell: (message: Published) => void): void;
  /** What another host published. */
  receive(message: Published): void;
  /** Something of other hosts may have been lost: whoever listens reads anew. */
  resync(): void;
  /** The channel a person hears under this topic; undefined when there is none for them. */
  find(identity: Identity, topic: string): Promise<Channel | undefined>;
  /** Forgets channels that nobody listens to and that have been silent for a while. */
  sweep(now: number): void;
}

/** Milliseconds a silent channel keeps its messages for those who come back. */
const forget = 300_000;

export function createHub(): Hub {
  const topics = new Map<string, TopicOptions>();
  const channels = new Map<string, Channel>();
  let tell: (message: Published) => void = () => {};

  return {
    topic(pattern, options = {}) {
      if (topics.has(pattern)) throw new Error(`The topic ${pattern} is already declared.`);
      topics.set(pattern, options);
    },
    publish(topic, data, to) {
      const declared = declaration(topic);
      if (!declared) throw new Error(`The topic ${topic} is not declared.`);
      if (!declared.shared && !to) throw new Error(`The topic ${topic} needs an organisation to publish to.`);
      const organisation = declared.shared ? undefined : to?.organisation;
      channel(declared, topic, organisation).publish(data);
      if (!declared.here) tell({ topic, organisation, data });
    },
    onPublish(listener) {
      tell = listener;
    },
    receive({ topic, organisation, data }) {
      const declared = declaration(topic);
      // A host of another version, or with other services, may know topics that this one does not.
      if (!declared || declared.here || (!declared.shared && !organisation)) return;
      channel(declared, topic, organisation).publish(data);
    },
    resync() {
      for (const [key, one] of channels) if (!declaration(key.slice(key.indexOf(" ") + 1))?.here) one.lose();
    },
    async find(identity, topic) {
      const declared = declaration(topic);
      if (!declared || !((await declared.authorise?.(identity, topic)) ?? true)) return undefined;
      return channel(declared, topic, identity.organisation);
    },
    sweep(now) {
      for (const [key, one] of channels) {
        if (one.listeners.size === 0 && now - one.touched > forget) channels.delete(key);
      }
    },
  };

  function declaration(topic: string): TopicOptions | undefined {
    const parent = topic.slice(0, Math.max(0, topic.lastIndexOf("/")));
    return topics.get(topic) ?? (parent ? topics.get(`${parent}/*`) : undefined);
  }

  function channel(declared: TopicOptions, topic: string, organisation: string | undefined): Channel {
    const key = declared.shared ? topic : `${organisation} ${topic}`;
    const one = channels.get(key) ?? openChannel();
    channels.set(key, one);
    return one;
  }
}
