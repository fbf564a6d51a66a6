import { setTimeout as sleep } from "node:timers/promises";

export class QueueFullError extends Error {}

/** Holds back work until a slot is free. */
export class BoundedQueue<T> {
  private readonly waiting: T[] = [];
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** @throws QueueFullError when nothing more fits */
  enqueue(item: T): void {
    if (this.waiting.length >= this.capacity) throw new QueueFullError(`more than ${this.capacity}`);
    this.waiting.push(item);
  }
}

/** Waits longer after each failure: 100 ms, 200 ms, 400 ms, with a little chance in it. */
export async function retryWithBackoff<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt + 1 >= attempts) throw error;
      await sleep(100 * 2 ** attempt * (0.8 + Math.random() * 0.4));
    }
  }
}

/** Parses `key=value; other=value` into a map; quotes around a value are taken off. */
export function parseHeaderParams(header: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of header.split(";")) {
    const [key = "", value = ""] = part.split("=", 2);
    params.set(key.trim().toLowerCase(), value.trim().replace(/^"|"$/g, ""));
  }
  return params;
}
