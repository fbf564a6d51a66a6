import { styleText } from "node:util";
import type { Io } from "../commands/command.ts";

export type Style = Parameters<typeof styleText>[0];

/** Text in a colour or weight, where this terminal shows colours. */
export function paint(io: Pick<Io, "color">, style: Style, text: string): string {
  return io.color && text !== "" ? styleText(style, text, { validateStream: false }) : text;
}

/** Cycles through colours that read well on dark and light, so that names keep apart; the same index, the same colour. */
export function hue(io: Pick<Io, "color">, index: number, text: string): string {
  const colours = ["cyan", "magenta", "yellow", "green", "blue", "red"] as const;
  return paint(io, colours[index % colours.length] ?? "cyan", text);
}
