import type { Element } from "hast";
import { attribute, elements } from "./tree.ts";

/** Places of a table's grid that its cells may fill, for each cell that it has. */
const placesOfCell = 20;

/**
 * Takes the spans off a table whose cells say they fill a grid that is out of all proportion to them: each place of the
 * grid becomes a cell, and `colspan="1000000000"` is a few letters.
 */
export function boundSpans(table: Element, cells: readonly Element[]): void {
  const rows = [...elements(table)].filter(({ tagName }) => tagName === "tr").length;
  const places = cells.reduce((sum, cell) => sum + span(cell, "colSpan") * Math.min(span(cell, "rowSpan"), rows), 0);
  if (places <= cells.length * placesOfCell) return;
  for (const { properties } of cells) {
    delete properties.colSpan;
    delete properties.rowSpan;
  }
}

function span(cell: Element, name: "colSpan" | "rowSpan"): number {
  return Math.max(1, Number.parseInt(attribute(cell, name) ?? "1", 10) || 1);
}
