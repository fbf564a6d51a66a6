import { ActionIcon, Select, TextInput, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import {
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef } from "react";
import { useAddress } from "../address.ts";
import { Icon } from "../icon.tsx";
import { scrollable } from "../scrollable.ts";
import type { Column } from "./column.ts";
import { download, toCsv } from "./csv.ts";

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

/** From so many rows on only those in sight are in the page. */
const many = 100;
const rowHeight = 40;

export type RowAddress =
  | {
      /** A route's path, such as `/projects/$id`. */
      to: string;
      params?: Record<string, string>;
    }
  /** A page of another program. */
  | { href: string };

export interface DataTableProps<Row extends RowData> {
  /** What is in it, in the plural; names the table, its export and its address. */
  name: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  id(row: Row): string;
  /** Sorted at first by this column; a minus before it turns the order. */
  sort?: string;
  /** Called when a row is chosen by a click beside its link; `open` marks the one whose panel is shown. */
  onOpen?: (row: Row) => void;
  open?: string;
  /** The part of the address that names the row whose panel is shown. @default "open" */
  openKey?: string;
  /** Where a row leads: its first cell is a link to there. @default this page with the row's id as `openKey` */
  address?: (row: Row) => RowAddress;
  /** Shown when a search or a choice leaves nothing. */
  actions?: ReactNode;
  /** A short table needs no search of its own. */
  plain?: boolean;
  /** The page's own filters search it, further than what is loaded. */
  searched?: boolean;
}

/** A table that sorts, filters and exports; its state stands in the address. */
export function DataTable<Row extends RowData>({
  name,
  columns,
  rows,
  id,
  sort = "",
  onOpen,
  open,
  openKey = "open",
  address,
  actions,
  plain,
  searched,
}: DataTableProps<Row>) {
  const [sortedBy, setSortedBy] = useAddress("sort");
  const [typed, setWords] = useAddress("q");
  const words = searched ? "" : typed;
  const [chosen, setChosen] = useAddress("filter");
  const choice = columns.find((column) => column.choice);
  const any = `Any ${typeof choice?.choice === "string" ? choice.choice : choice?.title.toLowerCase()}`;
  const order = sortedBy || sort;
  const shown = useMemo(() => columns.filter((column) => !column.hidden), [columns]);

  const found = useMemo(() => {
    const wanted = words.toLowerCase();
    return rows.filter((row) => {
      if (chosen && choice && String(choice.value(row)) !== chosen) return false;
      return (
        !wanted ||
        columns.some((column) =>
          String(column.value(row) ?? "")
            .toLowerCase()
            .includes(wanted),
        )
      );
    });
  }, [rows, columns, words, chosen, choice]);

  const definitions = useMemo<ColumnDef<typeof features, Row>[]>(
    () =>
      shown.map((column) => ({
        id: column.id,
        accessorFn: (row: Row) => column.value(row) ?? undefined,
        sortUndefined: "last" as const,
        sortFn: "alphanumeric" as const,
      })),
    [shown],
  );
  const sorting = useMemo(() => (order ? [{ id: order.replace(/^-/, ""), desc: order.startsWith("-") }] : []), [order]);
  const table = useTable({ features, columns: definitions, data: found, getRowId: id, state: { sorting } });
  const sorted = table.getRowModel().rows;

  const scroll = useRef<HTMLDivElement>(null);
  const virtual = sorted.length > many;
  const virtualizer = useVirtualizer({
    count: virtual ? sorted.length : 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual ? virtualizer.getVirtualItems() : undefined;
  const visible = items ? items.flatMap((item) => sorted[item.index] ?? []) : sorted;
  const above = items?.[0]?.start ?? 0;
  const below = items ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  const turn = (column: Column<Row>) =>
    setSortedBy(order === column.id ? `-${column.id}` : order === `-${column.id}` ? undefined : column.id);

  return (
    <div className="data">
      {!plain && (
        <div className="data-tools">
          {!searched && (
            <TextInput
              className="data-search"
              size="xs"
              type="search"
              aria-label={`Search ${name}`}
              placeholder={`Search ${name}`}
              leftSection={<Icon name="search" size={14} />}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
            />
          )}
          {choice && (
            <Select
              size="xs"
              className="data-choice"
              aria-label={choice.title}
              placeholder={any}
              clearable
              clearButtonProps={{ "aria-label": any }}
              data={[...new Set(rows.map((row) => String(choice.value(row))))].sort()}
              value={chosen || null}
              onChange={(value) => setChosen(value ?? undefined)}
            />
          )}
          <span className="quiet data-count" role="status">
            {found.length === rows.length ? `${rows.length}` : `${found.length} of ${rows.length}`}
          </span>
          <Tooltip label="Export as CSV">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Export ${name} as CSV`}
              onClick={() =>
                download(
                  `${name}.csv`,
                  toCsv(
                    columns,
                    sorted.map((row) => row.original),
                  ),
                  "text/csv",
                )
              }
            >
              <Icon name="download" />
            </ActionIcon>
          </Tooltip>
          {actions}
        </div>
      )}
      <div
        className={virtual ? "data-scroll data-scroll-long" : "data-scroll"}
        ref={scroll}
        {...(virtual && { ...scrollable, role: "region", "aria-label": name })}
      >
        <table className="table">
          <caption className="visually-hidden">{name}</caption>
          <thead>
            <tr>
              {shown.map((column) => {
                const direction =
                  order === column.id ? "ascending" : order === `-${column.id}` ? "descending" : undefined;
                return (
                  <th
                    key={column.id}
                    scope="col"
                    className={classes(column)}
                    {...(direction && { "aria-sort": direction })}
                  >
                    {column.title === "" ? (
                      <span className="visually-hidden">Actions</span>
                    ) : (
                      <button type="button" className="sort" onClick={() => turn(column)}>
                        {column.title}
                        <span className="sort-sign" aria-hidden="true">
                          {direction && <Icon name={direction === "ascending" ? "up" : "down"} size={12} />}
                        </span>
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Space height={above} columns={shown.length} />}
            {visible.map((row) => (
              <tr
                key={row.id}
                data-open={open === row.id || undefined}
                className={onOpen ? "opens" : undefined}
                onClick={(event) => {
                  if (onOpen && !(event.target as Element).closest("a, button, input, label")) onOpen(row.original);
                }}
              >
                {shown.map((column, at) => {
                  const content = column.cell ? column.cell(row.original) : column.value(row.original);
                  const body =
                    at === 0 && onOpen ? (
                      <RowLink id={row.id} openKey={openKey} {...(address && { address: address(row.original) })}>
                        {content}
                      </RowLink>
                    ) : (
                      content
                    );
                  return at === 0 ? (
                    <th key={column.id} scope="row" className={classes(column)}>
                      {body}
                    </th>
                  ) : (
                    <td key={column.id} className={classes(column)}>
                      {body}
                    </td>
                  );
                })}
              </tr>
            ))}
            {below > 0 && <Space height={below} columns={shown.length} />}
          </tbody>
        </table>
        {sorted.length === 0 && (
          <p className="nothing">
            No results.{" "}
            <button
              type="button"
              className="link"
              onClick={() => {
                setWords(undefined);
                setChosen(undefined);
              }}
            >
              Show all {rows.length}
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

/** Opens the row, in a tab of its own too, and gives an address to copy. */
function RowLink({
  id,
  openKey,
  address,
  children,
}: {
  id: string;
  openKey: string;
  address?: RowAddress;
  children: ReactNode;
}) {
  if (address && "href" in address) {
    return (
      <a href={address.href} className="row-open">
        {children}
      </a>
    );
  }
  return (
    <Link
      to={address?.to ?? "."}
      params={(address?.params ?? {}) as never}
      search={((before: object) => (address ? {} : { ...before, [openKey]: id })) as never}
      resetScroll={address !== undefined}
      className="row-open"
      preload={false}
    >
      {children}
    </Link>
  );
}

function Space({ height, columns }: { height: number; columns: number }) {
  return (
    <tr className="space">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

function classes<Row>({ align, optional }: Column<Row>): string | undefined {
  return [align === "right" && "number", optional && "optional"].filter(Boolean).join(" ") || undefined;
}
