import { PassThrough, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

export const keys = {
  enter: "\r",
  down: "\u001b[B",
  up: "\u001b[A",
  ctrlC: "\u0003",
  ctrlD: "\u0004",
  erase: "\u0015",
} as const;

/** A terminal in memory: what a program shows can be waited for, and keys can be typed. */
export function fakeTerminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  let text = "";
  let read = 0;
  const waiting = new Set<() => void>();
  const output: Writable = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += stripVTControlCharacters(String(chunk));
        for (const wake of waiting) wake();
        done();
      },
    }),
    // The streams of a process never end by being piped into, so neither does this one.
    { isTTY: true, columns: 100, rows: 40, end: () => output },
  );

  /** Waits until these words are shown after those waited for before, in milliseconds at most. */
  async function expectText(words: string, timeout = 60_000): Promise<void> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const at = text.indexOf(words, read);
      if (at >= 0) {
        read = at + words.length;
        return;
      }
      if (Date.now() > deadline) throw new Error(`Not shown: ${words}\nShown since: ${text.slice(read)}`);
      await new Promise<void>((wake) => {
        const done = () => {
          waiting.delete(done);
          clearTimeout(timer);
          wake();
        };
        const timer = setTimeout(done, 100);
        waiting.add(done);
      });
    }
  }

  /** Types after these words are shown; a prompt reads keys only once it has been drawn. */
  async function reply(words: string, typed: string): Promise<void> {
    await expectText(words);
    await new Promise((wake) => setImmediate(wake));
    for (const key of typed.startsWith("\u001b") ? [typed] : [...typed]) input.write(key);
  }

  return { input, output, expectText, reply, shown: () => text };
}
