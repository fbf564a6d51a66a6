import { headingId } from "../../glue-services/platform/docs/heading-id.ts";

/** What a cell says, without marks. */
export function plain(cell: string): string {
  return cell.replaceAll(/[*`]/g, "");
}

/** Rows of the tables below a heading, without their heads. */
export function tableOf(text: string, heading: string): string[][] {
  return sectionsOf(text).get(headingId(heading)) ?? [];
}

/** Rows of tables by the id of the heading that they stand below. */
export function sectionsOf(text: string): Map<string, string[][]> {
  const sections = new Map<string, string[][]>();
  for (const part of text.split(/^#+ /m).slice(1)) {
    const rows = [...part.matchAll(/^\|(.+)\|$/gm)].map(([, row = ""]) => row.split("|").map((cell) => cell.trim()));
    const bodies = rows.filter((cells, at) => !isRule(cells) && !isRule(rows[at + 1] ?? []));
    sections.set(headingId(part.slice(0, part.indexOf("\n"))), bodies);
  }
  return sections;
}

function isRule(cells: string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^-+$/.test(cell));
}
