import { kill } from "node:process";
import type { Io } from "../commands/command.ts";
import { live } from "../terminal/live.ts";
import { byComponent, type ComponentProgress } from "./components.ts";
import type { PlannedStep } from "./event.ts";
import { follow } from "./follow.ts";
import { componentLine, componentLines } from "./lines.ts";
import { type RunFolder, type RunOutcome, runnerOf } from "./run.ts";
import { stopRunner } from "./start.ts";
import { slowComponents } from "./waiting.ts";

export interface Watched {
  components: ComponentProgress[];
  /** undefined: the runner was killed, or it goes on with what takes long. */
  outcome: RunOutcome | undefined;
  /** The run goes on without us, for these components. */
  goesOn: ComponentProgress[];
}

const spin = 100;
/** Without a terminal: how often a preparation says how far it is. */
const sayEvery = 20_000;

/**
 * Shows a run until it ends, or until all that does not take long is settled (never with `wait`). The first Ctrl-C asks
 * the runner to finish its steps, the second one to drop them.
 */
export async function watchRun(io: Io, run: RunFolder, steps: readonly PlannedStep[], wait: boolean): Promise<Watched> {
  const view = byComponent(steps);
  const show = shower(io);
  const stopping = stopWithUs(io, run, show.say);
  try {
    for await (const followed of follow(run)) {
      if (followed.kind === "event") {
        view.apply(followed.event);
        continue;
      }
      const components = view.components();
      show.update(components);
      if (followed.kind === "end") return { components, outcome: followed.outcome, goesOn: [] };
      const slow = wait || io.signal.aborted ? new Set<string>() : slowComponents(steps, components);
      if (slow.size > 0 && othersSettled(components, slow)) {
        return { components, outcome: undefined, goesOn: components.filter(({ name }) => slow.has(name)) };
      }
    }
    throw new Error("a run's events ended without an end");
  } finally {
    show.done();
    stopping.forget();
  }
}

function othersSettled(components: ComponentProgress[], slow: Set<string>): boolean {
  const others = components.filter(({ name }) => !slow.has(name));
  const settled = others.every(({ state }) => ["ready", "failed", "skipped", "removed"].includes(state));
  return settled && others.some(({ state }) => state === "ready");
}

/** Ctrl-C reaches only us: the runner has a session of its own. */
function stopWithUs(io: Io, run: RunFolder, say: (line: string) => void): { forget(): void } {
  let pid: number | undefined;
  const soft = async () => {
    say("Stopping after the steps in hand; Ctrl-C again stops at once. `./devflow up` resumes.");
    pid = (await runnerOf(run))?.pid;
    await stopRunner(run);
  };
  // The second Ctrl-C ends this process; the runner is told on the way out.
  const hard = () => {
    if (pid !== undefined) kill(pid, "SIGINT");
  };
  io.signal.addEventListener("abort", soft, { once: true });
  process.once("exit", hard);
  return {
    forget() {
      io.signal.removeEventListener("abort", soft);
      process.off("exit", hard);
    },
  };
}

interface Shower {
  update(components: ComponentProgress[]): void;
  /** A line that stays. */
  say(line: string): void;
  done(): void;
}

/** A block that is drawn again in place on a terminal, elsewhere one line a change. */
function shower(io: Io): Shower {
  const say = (line: string) => io.err(`${line}\n`);
  if (io.json) return { update: () => {}, say, done: () => {} };
  if (!io.terminal) return { update: changesOnly(io), say, done: () => {} };
  const block = live(io);
  return {
    say: (line) => block.print([line]),
    update: (components) => {
      const now = Date.now();
      block.draw(componentLines(io, components, Math.floor(now / spin), now));
    },
    done: block.done,
  };
}

function changesOnly(io: Io): (components: ComponentProgress[]) => void {
  const said = new Map<string, { what: string; at: number }>();
  return (components) => {
    const now = Date.now();
    for (const component of components) {
      const { name, state, progress } = component;
      const what = `${state} ${state === "preparing" ? (progress?.phase ?? "") : ""}`;
      const before = said.get(name);
      const repeat = state === "preparing" && now - (before?.at ?? 0) >= sayEvery;
      if (state === "waiting" || (before?.what === what && !repeat)) continue;
      said.set(name, { what, at: now });
      io.err(`${componentLine(io, component, now)}\n`);
    }
  };
}
