/** One topic of one organisation: numbered messages, the last of which can be sent again. */
export interface Channel {
  /** Position of the latest message. */
  readonly at: string;
  publish(data: unknown): void;
  /** Something that should have been published is lost. */
  lose(): void;
  /** What was published after a position; undefined when that is too long ago, or of another life of this host. */
  since(position: string): Numbered[] | undefined;
  listeners: Set<(message: Numbered) => void>;
  /** When it was last published to, as `performance.now()`. */
  touched: number;
}

export interface Numbered {
  at: string;
  data: unknown;
  /** It stands for messages that were lost. */
  lost?: true;
}

/** Messages that are kept for those who come back. */
export const kept = 256;

export function openChannel(): Channel {
  // Positions of a former process would otherwise be taken for ours.
  const epoch = crypto.randomUUID().slice(0, 8);
  const recent: Numbered[] = [];
  let sequence = 0;
  const listeners = new Set<(message: Numbered) => void>();

  return {
    listeners,
    touched: performance.now(),
    get at() {
      return `${epoch}:${sequence}`;
    },
    publish(data) {
      sequence++;
      this.touched = performance.now();
      const message = { at: this.at, data };
      recent.push(message);
      if (recent.length > kept) recent.shift();
      for (const listener of listeners) listener(message);
    },
    lose() {
      sequence++;
      recent.length = 0;
      for (const listener of listeners) listener({ at: this.at, data: undefined, lost: true });
    },
    since(position) {
      const [life, number] = position.split(":");
      const missed = sequence - Number(number);
      if (life !== epoch || missed < 0 || missed > recent.length) return undefined;
      return missed === 0 ? [] : recent.slice(-missed);
    },
  };
}
