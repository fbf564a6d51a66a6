import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../../api/call.ts";
import { type AuditEntry, peopleQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago, absolute } from "../../parts/ago.tsx";
import { Empty, Failure, Lines } from "../../parts/answers.tsx";
import { Earlier } from "../../parts/earlier.tsx";
import { Facts, Page } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

const pageSize = 100;

/** Who did what in the organisation. */
export function Audit() {
  const query = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) =>
      call<AuditEntry[]>(`/api/identity/audit${pageParam ? `?before=${pageParam}` : ""}`, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.id),
  });
  const names = useNames();
  const [open, setOpen] = useAddress("open");
  const entries = useMemo(() => query.data?.pages.flat() ?? [], [query.data]);
  const columns = useMemo<Column<AuditEntry>[]>(
    () => [
      {
        id: "action",
        title: "What",
        choice: "action",
        value: ({ action }) => action,
        cell: ({ action }) => <code>{action}</code>,
      },
      { id: "who", title: "Who", value: (entry) => who(entry, names) },
      {
        id: "target",
        title: "About",
        optional: true,
        value: ({ target }) => (target ? (names.get(target) ?? target) : null),
      },
      { id: "ip", title: "From", optional: true, value: ({ ip }) => ip },
      { id: "at", title: "When", value: ({ at }) => at, cell: ({ at }) => <Ago at={at} /> },
    ],
    [names],
  );
  const chosen = entries.find(({ id }) => id === open);
  return (
    <Page title="Audit" lead="Who did what in this organisation. Entries are kept as they were written.">
      {query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Lines count={10} />
      ) : entries.length === 0 ? (
        <Empty title="Nothing has been recorded yet">
          Every change of people, roles, keys, sessions and secrets is written here with who made it and from where.
        </Empty>
      ) : (
        <>
          <DataTable
            name="audit"
            columns={columns}
            rows={entries}
            id={({ id }) => id}
            sort="-at"
            open={open}
            onOpen={({ id }) => setOpen(id, { push: true })}
          />
          <Earlier query={query}>Earlier entries</Earlier>
          <SidePanel title={chosen?.action} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
            {chosen && (
              <div className="stack">
                <Facts
                  facts={[
                    ["When", absolute(new Date(chosen.at))],
                    ["Who", who(chosen, names)],
                    ["About", chosen.target ? (names.get(chosen.target) ?? chosen.target) : "–"],
                    ["From", chosen.ip ?? "–"],
                    ["Request", chosen.request ?? "–"],
                  ]}
                />
                <h3>Details</h3>
                <pre className="block">{JSON.stringify(chosen.details, null, 2)}</pre>
              </div>
            )}
          </SidePanel>
        </>
      )}
    </Page>
  );
}

function who({ actor, credential }: AuditEntry, names: Map<string, string>): string {
  if (actor) return names.get(actor) ?? actor;
  return credential ? "an API key" : "the platform";
}

function useNames(): Map<string, string> {
  const { data } = useQuery({ ...peopleQuery, enabled: useMay("people:read") });
  return useMemo(() => new Map(data?.map(({ id, name }) => [id, name])), [data]);
}
