import type { Io } from "../commands/command.ts";
import { fit, pad, width } from "./fit.ts";
import { paint } from "./paint.ts";

export interface Column<Row> {
  title: string;
  value(row: Row): string;
  align?: "left" | "right";
}

/** Lines of a table with a header, two spaces between columns, cut to the terminal. Columns that are empty everywhere go. */
export function table<Row>(io: Pick<Io, "color" | "columns" | "env">, rows: Row[], columns: Column<Row>[]): string[] {
  const cells = columns.map((column) => rows.map((row) => column.value(row)));
  const shown = columns.map((column, index) => ({ column, cells: cells[index] ?? [] }));
  const filled = shown.filter(({ cells }) => cells.some((cell) => cell !== ""));
  const line = (text: (entry: (typeof filled)[number]) => string) =>
    fit(
      io,
      filled
        .map((entry) => {
          const columns = Math.max(width(entry.column.title), ...entry.cells.map(width));
          return pad(text(entry), columns, entry.column.align === "right" ? "left" : "right");
        })
        .join("  ")
        .trimEnd(),
    );
  const header = line(({ column }) => paint(io, "dim", column.title));
  return [header, ...rows.map((_, index) => line(({ cells }) => cells[index] ?? ""))];
}
