import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Answer, Empty } from "./answers.tsx";
import { Icon } from "./icon.tsx";
import { Page } from "./page.tsx";

export interface ListPageProps<Row> {
  title: string;
  lead: string;
  query: UseQueryResult<Row[]>;
  /** The rows that are shown. @default all */
  shown?: (rows: Row[]) => Row[];
  /** How one is made; undefined for those who may not. `first` is said where there is none. @default first: the label */
  create?: { label: string; first?: string; run: () => void } | undefined;
  /** What it is for, while there is none. */
  empty: { title: string; text: ReactNode };
  /** Beside the button. */
  aside?: ReactNode;
  /** Between the page's head and the list. */
  above?: ReactNode;
  table: (rows: Row[]) => ReactNode;
  /** After the list: dialogs, panels, other sections. */
  children?: ReactNode;
}

/** A page of one kind of thing: its table, or what it is for and how to begin. The button that makes one is there once. */
export function ListPage<Row>(props: ListPageProps<Row>) {
  const { title, lead, query, shown = (rows) => rows, create, empty, aside, above, table, children } = props;
  // Nothing is offered that would move from under the pointer once it is known whether there is any.
  const some = query.data !== undefined && shown(query.data).length > 0;
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        <>
          {aside}
          {create && some && (
            <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={create.run}>
              {create.label}
            </Button>
          )}
        </>
      }
    >
      {above}
      <Answer query={query}>
        {(all) =>
          shown(all).length > 0 ? (
            table(shown(all))
          ) : (
            <Empty
              title={empty.title}
              action={
                create && (
                  <Button size="xs" onClick={create.run}>
                    {create.first ?? create.label}
                  </Button>
                )
              }
            >
              {empty.text}
            </Empty>
          )
        }
      </Answer>
      {children}
    </Page>
  );
}
