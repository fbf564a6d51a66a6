import type { ReactNode } from "react";

/** One column of a table: what it is called, what it sorts, filters and exports by, and how it is shown. */
export interface Column<Row> {
  id: string;
  title: string;
  /** Null stands last when sorted and empty in an export. */
  value(row: Row): string | number | null;
  /** @default the value as text */
  cell?(row: Row): ReactNode;
  /** Numbers stand to the right. */
  align?: "right";
  /** Left out on narrow screens; the row's panel has it. */
  optional?: boolean;
  /** Offers the values that occur as a choice above the table; as a word: what one of them is. @default the title */
  choice?: true | string;
  /** Not shown, but searched and exported. */
  hidden?: boolean;
}
