import { setTimeout as pause } from "node:timers/promises";
import { refuseUnknownStack } from "../known-stacks.ts";
import { lookAt } from "../run/look.ts";
import type { StackStatus } from "../run/status.ts";
import { statusLines } from "../run/status-lines.ts";
import { locateStack, type Place } from "../stack.ts";
import { onStdout } from "../terminal/io.ts";
import { live } from "../terminal/live.ts";
import { type Command, exitWith, type Io } from "./command.ts";

export const status: Command<{ watch?: boolean }> = {
  name: "status",
  summary: "Show every component and process: state, version, memory, address",
  examples: [
    { command: "./devflow status", does: "how everything is; ends with 1 when something is not well" },
    { command: "./devflow status --watch", does: "the same, live, with the progress of a run" },
    { command: "./devflow status --json", does: "the same for scripts" },
  ],
  options: [{ flags: "-w, --watch", description: "show it live until Ctrl-C" }],
  async run({ options, io }) {
    const place = await locateStack(io, options);
    if (options.watch) return watch(io, place);
    const found = await lookAt(place);
    if (options.stack !== undefined && found.components.length === 0) await refuseUnknownStack(place);
    if (!io.json) io.out(`${shown(io, found)}\n`);
    return exitWith(found.state === "ready" ? 0 : 1, found);
  },
};

function shown(io: Io, found: StackStatus): string {
  return statusLines(onStdout(io), found, Date.now()).join("\n");
}

/** On a terminal a screen that is drawn again, with `--json` one object a line, elsewhere the text on every change. */
async function watch(io: Io, place: Place): Promise<undefined> {
  const block = io.terminal && !io.json ? live(io) : undefined;
  let before = "";
  while (!io.signal.aborted) {
    const found = await lookAt(place);
    if (block) block.draw(statusLines(io, found, Date.now()));
    const text = io.json
      ? JSON.stringify(found)
      : found.components.map(({ name, state }) => `${name} ${state}`).join("\n");
    if (!block && text !== before) io.out(io.json ? `${text}\n` : `${shown(io, found)}\n\n`);
    before = text;
    await pause(1000, undefined, { signal: io.signal }).catch(() => {});
  }
  block?.done();
}
