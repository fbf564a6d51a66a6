import type { Io } from "../commands/command.ts";
import { fit, pad, width } from "./fit.ts";
import { paint } from "./paint.ts";

export interface Column<Row> {
  title: string;
  value(row: Row): string;
  align?: "left" | "right";
  /** Where the terminal is too narrow for all, columns with the highest number are left out first; without one, never. */
  spare?: number;
}

/**
 * Lines of a table with a header, two spaces between columns. Columns that are empty everywhere go, then those that can
 * be spared in a narrow terminal; what is too wide all the same is cut.
 */
export function table<Row>(io: Pick<Io, "color" | "columns" | "env">, rows: Row[], columns: Column<Row>[]): string[] {
  const cells = columns.map((column) => rows.map((row) => column.value(row)));
  const shown = columns.map((column, index) => measured(column, cells[index] ?? []));
  const filled = fitting(
    shown.filter(({ cells }) => cells.some((cell) => cell !== "")),
    io.columns,
  );
  const line = (text: (entry: (typeof filled)[number]) => string) =>
    fit(
      io,
      filled
        .map((entry) => pad(text(entry), entry.wide, entry.column.align === "right" ? "left" : "right"))
        .join("  ")
        .trimEnd(),
    );
  const header = line(({ column }) => paint(io, "dim", column.title));
  return [header, ...rows.map((_, index) => line(({ cells }) => cells[index] ?? ""))];
}

interface Measured<Row> {
  column: Column<Row>;
  cells: string[];
  wide: number;
}

function measured<Row>(column: Column<Row>, cells: string[]): Measured<Row> {
  return { column, cells, wide: Math.max(width(column.title), ...cells.map(width)) };
}

function fitting<Row>(columns: Measured<Row>[], room: number): Measured<Row>[] {
  const total = columns.reduce((sum, { wide }) => sum + wide + 2, -2);
  const spare = Math.max(0, ...columns.map(({ column }) => column.spare ?? 0));
  if (total <= room || spare === 0) return columns;
  return fitting(
    columns.filter(({ column }) => column.spare !== spare),
    room,
  );
}
