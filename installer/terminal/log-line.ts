import { parseLogLine, shortFields } from "../../glue-services/platform/logs/line.ts";
import type { Io } from "../commands/command.ts";
import { paint } from "./paint.ts";

const styles = { error: "red", warn: "yellow", info: "green", debug: "dim" } as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what would act on a terminal is to be shown, not done.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A line of JSON as time (in this machine's zone), level, message and fields; every other line as it is. */
export function shortLine(io: Pick<Io, "color">, line: string): string {
  const { at, level, message, fields } = parseLogLine(line);
  if (!fields) return line;
  const time = at === undefined ? "" : clock(new Date(at));
  const weight = level ? paint(io, styles[level], level.padEnd(5)) : "";
  return [paint(io, "dim", time), weight, plain(message), paint(io, "dim", plain(shortFields(fields)))]
    .filter((part) => part !== "")
    .join(" ");
}

/** What JSON had escaped must not act on the terminal once it is text. */
function plain(text: string): string {
  return text.replaceAll("\n", " ").replace(control, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `11-29 14:03:11.123`, in this machine's zone. */
function clock(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  return `${day} ${time}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
