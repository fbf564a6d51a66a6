import type { Io } from "../commands/command.ts";
import { progressText } from "../terminal/bar.ts";
import { wrap } from "../terminal/fit.ts";
import { about } from "../terminal/human.ts";
import { paint } from "../terminal/paint.ts";
import { symbols } from "../terminal/symbols.ts";
import { tunnelTo } from "../terminal/tunnel.ts";
import type { ComponentProgress } from "./components.ts";

/** What `up` answers with `--json`. */
export interface UpResult {
  stack: string;
  /** Every component serves. */
  ready: boolean;
  components: { name: string; state: string; version: string | undefined; url: string | undefined; seconds?: number }[];
  /** Components that join later by themselves. */
  preparing: string[];
  /** Address at which the first administrator begins, while there is none: once, for 30 minutes. */
  firstSignIn?: string;
}

type Component = Pick<ComponentProgress, "name" | "version"> & { state: string; seconds?: number | undefined };

export function upResult(
  stack: string,
  components: Component[],
  addresses: Record<string, string>,
  goesOn: ComponentProgress[] = [],
): UpResult & { goesOn: ComponentProgress[] } {
  return {
    stack,
    ready: components.every(({ state }) => state === "ready" || state === "removed"),
    components: components.map(({ name, state, version, seconds }) => ({
      name,
      state,
      version,
      url: addresses[name],
      ...(seconds !== undefined && { seconds }),
    })),
    preparing: goesOn.map(({ name }) => name),
    goesOn,
  };
}

/** Says where everything is and what to do next. @param changed false when there was nothing to do. */
export function welcome(
  io: Io,
  result: ReturnType<typeof upResult>,
  changed: boolean,
  firstSignIn: string | undefined,
): UpResult {
  const { goesOn, ...rest } = result;
  const data = { ...rest, ...(firstSignIn && { firstSignIn }) };
  if (io.json) return data;
  const served = data.components.filter(({ url, state }) => url !== undefined && state === "ready");
  const [first, ...others] = [
    ...served.filter(({ name }) => name === "platform"),
    ...served.filter(({ name }) => name !== "platform"),
  ];
  const tunnel = first?.url && tunnelTo(first.url, io.env);
  const names = Math.max(0, ...served.map(({ name }) => name.length));
  const lines = [
    ...(changed ? [""] : [`Nothing to do: all ${data.components.length} components are ready.`, ""]),
    ...(first ? [`Open     ${paint(io, "cyan", first.url ?? "")}`] : []),
    ...others.map(({ name, url }) => `         ${name.padEnd(names)}  ${paint(io, "cyan", url ?? "")}`),
    ...(firstSignIn
      ? [`Begin    ${paint(io, "cyan", firstSignIn)}`, "         first sign-in; valid 30 min, once"]
      : []),
    ...(tunnel
      ? [
          `Tunnel   ${paint(io, "cyan", tunnel)}`,
          "         run it where your browser is; the addresses above work there then",
        ]
      : []),
    ...goesOn.flatMap((component) => titled("Later", wrap(later(component), io.columns, margin))),
    ...titled("Next", nextLines(io)),
  ];
  io.err(`${lines.join("\n")}\n`);
  return data;
}

/** Where the text begins that a word in the first columns names. */
const margin = " ".repeat(9);

function titled(title: string, lines: string[]): string[] {
  return lines.map((line, index) => (index === 0 ? title.padEnd(margin.length) + line.trimStart() : line));
}

/** Beside each other where they have room. */
function nextLines(io: Io): string[] {
  const commands = ["./devflow status", "./devflow logs -f", "./devflow doctor"];
  // In ASCII it is `|`, which between commands would be a pipe.
  const separator = symbols(io).separator === "|" ? "   " : ` ${symbols(io).separator} `;
  const line = commands.join(separator);
  return margin.length + line.length <= io.columns ? [line] : commands.map((command) => margin + command);
}

function later({ name, state, progress }: ComponentProgress): string {
  const how = state !== "preparing" ? "waits for it" : detail(progress);
  return `${name} is being prepared (${how}); it joins by itself: \`./devflow status --watch\``;
}

function detail(progress: ComponentProgress["progress"]): string {
  if (!progress) return "just begun";
  return progress.eta === undefined ? progressText(progress) : `${progress.phase}, ${about(progress.eta)} left`;
}
