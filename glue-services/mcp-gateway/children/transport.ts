import { type ChildProcess, spawn } from "node:child_process";
import type { Transport } from "@modelcontextprotocol/client";
import { ReadBuffer, serializeMessage } from "@modelcontextprotocol/client";
import { lines, withoutNulls } from "../federation/nulls.ts";
import { confined, findWay } from "./sandbox.ts";

export interface ChildOptions {
  command: readonly string[];
  /** All it gets: nothing of the host's own environment but what programs need to be found. */
  environment: Readonly<Record<string, string>>;
  /** Folder it starts in. */
  folder: string;
  /** Folders that it may not see. */
  hidden: readonly string[];
}

/** Milliseconds between asking a child to end, telling it, and ending it. */
const patience = 2000;
/** Bytes of its error output that are kept, for the reason it ended. */
const remembered = 4096;

/**
 * A server that speaks over its standard input and output. The child leads a process group of its own, which ends with
 * it: what it starts is reaped too. When the host is killed its input closes, which ends every well-made server.
 */
export function childTransport(options: ChildOptions): Transport & { lastWords(): string } {
  const { environment, folder } = options;
  const [name = ""] = options.command;
  const buffer = new ReadBuffer();
  let child: ChildProcess | undefined;
  const reading = lines(withoutNulls);
  let errors = "";
  let delivering = false;
  let ended: Promise<void> = Promise.resolve();

  const transport: Transport & { lastWords(): string } = {
    async start() {
      const { command, ...user } = confined(options, await findWay(folder));
      const [program = "", ...args] = command;
      return new Promise<void>((resolve, reject) => {
        const started = spawn(program, args, {
          env: { PATH: process.env.PATH, HOME: folder, LANG: "C.UTF-8", ...environment },
          cwd: folder,
          stdio: ["pipe", "pipe", "pipe"],
          detached: true,
          ...user,
        });
        child = started;
        ended = new Promise((over) => started.once("close", () => over()));
        started.once("spawn", resolve);
        started.once("error", (error) => {
          reject(error);
          transport.onerror?.(error);
        });
        started.once("close", () => {
          endGroup(started, "SIGKILL");
          buffer.clear();
          transport.onclose?.();
        });
        // A child that ended is told by "close"; writing to it then is no error of its own.
        started.stdin.on("error", () => {});
        started.stdout.on("data", take);
        started.stderr.on("data", (part: Buffer) => {
          errors = `${errors}${part}`.slice(-remembered);
        });
      });
    },
    send: (message) =>
      new Promise<void>((resolve, reject) => {
        if (!child?.stdin || child.exitCode !== null) return reject(new Error(`${name} has ended.`));
        if (child.stdin.write(serializeMessage(message))) resolve();
        else child.stdin.once("drain", resolve);
      }),
    async close() {
      const one = child;
      if (!one || one.exitCode !== null || one.signalCode !== null) return;
      one.stdin?.end();
      const [soon, later] = [
        setTimeout(() => endGroup(one, "SIGTERM"), patience),
        setTimeout(() => endGroup(one, "SIGKILL"), 2 * patience),
      ];
      await ended;
      clearTimeout(soon);
      clearTimeout(later);
    },
    lastWords: () => errors.trim().split("\n").slice(-3).join(" "),
  };
  return transport;

  function take(part: Buffer): void {
    try {
      const whole = reading.push(part);
      if (whole === "") return;
      buffer.append(Buffer.from(whole));
    } catch (error) {
      transport.onerror?.(error as Error);
    }
    if (!delivering) deliver();
  }

  /** One message a turn: the SDK forgets a request at its answer, also with progress of it that came just before. */
  function deliver(): void {
    delivering = false;
    try {
      const message = buffer.readMessage();
      if (message === null) return;
      delivering = true;
      setImmediate(deliver);
      transport.onmessage?.(message);
    } catch (error) {
      // A line that is no message: programs print to the wrong place.
      transport.onerror?.(error as Error);
      if (!delivering) {
        delivering = true;
        setImmediate(deliver);
      }
    }
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
