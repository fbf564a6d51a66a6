import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import type { Column } from "./column.ts";

/** The last column: what can be done with a row, by buttons. */
export function actionsColumn<Row>(buttons: (row: Row) => ReactNode): Column<Row> {
  return {
    ...{ id: "actions", title: "", align: "right", value: () => null },
    cell: (row) => <span className="row end">{buttons(row)}</span>,
  };
}

export interface RowButtonProps extends Pick<ButtonProps, "loading" | "disabled" | "variant"> {
  /** The word on it. */
  children: string;
  /** Which row it is about, for those who hear the page: said after the word. */
  about: string;
  onClick: () => void;
}

export function RowButton({ children, about, variant = "default", ...rest }: RowButtonProps) {
  return (
    <Button size="compact-xs" variant={variant} aria-label={`${children} ${about}`} {...rest}>
      {children}
    </Button>
  );
}
