import type { Io } from "../commands/command.ts";
import { progressText } from "../terminal/bar.ts";
import { pad, width } from "../terminal/fit.ts";
import { duration } from "../terminal/human.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { symbols } from "../terminal/symbols.ts";
import type { ComponentProgress, ComponentState } from "./components.ts";
import { summary } from "./summary.ts";

/** The block of a run: one line a component. @param frame counts up with every drawing and turns the spinner. */
export function componentLines(io: Io, components: ComponentProgress[], frame: number, now: number): string[] {
  const names = Math.max(10, ...components.map(({ name }) => width(name)));
  const versions = Math.max(6, ...components.map(({ version }) => width(version ?? "")));
  return components.map((component) => {
    const [style, mark] = markOf(io, component.state, frame);
    const head = `  ${paint(io, style, mark)} ${pad(component.name, names)}  ${pad(component.version ?? "", versions)}`;
    const room = io.columns - width(head) - 2;
    const said = saying(component, now, room);
    return `${head}  ${paint(io, component.state === "failed" ? "red" : "dim", said)}`.trimEnd();
  });
}

/** The same for a pipe or a CI log: one component, when its state changed. */
export function componentLine(io: Io, component: ComponentProgress, now: number): string {
  const [style, mark] = markOf(io, component.state, 0);
  const version = component.version ? ` ${component.version}` : "";
  // How long it has been starting says nothing in a line that stays.
  const said = saying({ ...component, since: undefined }, now);
  return `${paint(io, style, mark)} ${component.name}${version}: ${said}`;
}

/** What is said of a component after its name. @param room columns there are for it */
export function saying(component: ComponentProgress, now: number, room = Number.POSITIVE_INFINITY): string {
  const { state, progress } = component;
  const since = component.since === undefined ? "" : ` for ${duration((now - component.since) / 1000)}`;
  switch (state) {
    case "waiting":
      return "waiting";
    case "preparing":
      return ["preparing", progress && progressText(progress, room - 11), progress?.note].filter(Boolean).join("  ");
    case "starting":
      return [`${progress?.phase ?? "starting"}${since}`, progress?.note].filter(Boolean).join("  ");
    case "ready":
      if (component.unchanged) return "ready, unchanged";
      // What is only fetched starts nothing that could take time.
      return component.seconds === undefined || !component.runs ? "ready" : `ready in ${duration(component.seconds)}`;
    case "removing":
      return `removing${since}`;
    case "removed":
      return "removed";
    case "failed":
      return `failed: ${component.error ? summary(component.error.message) : "see its log"}`;
    case "skipped":
      return component.because === undefined ? "skipped" : `skipped ${component.because}`;
  }
}

function markOf(io: Io, state: ComponentState, frame: number): [Style, string] {
  const marks = symbols(io);
  if (state === "ready" || state === "removed") return ["green", marks.done];
  if (state === "failed") return ["red", marks.failed];
  if (state === "skipped") return ["yellow", marks.skipped];
  if (state === "waiting") return ["dim", marks.waiting];
  const turning = io.terminal ? marks.spinner[frame % marks.spinner.length] : marks.arrow;
  return ["cyan", turning ?? marks.waiting];
}
