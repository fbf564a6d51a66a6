import "../../style/knowledge.css";
import { useQuery } from "@tanstack/react-query";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { ListPage } from "../../parts/list-page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { AddSource } from "./add-source.tsx";
import { type Source, sourcesQuery, useSourcesLive } from "./queries.ts";
import { SourcePanel } from "./source-panel.tsx";
import { KnowledgeTabs } from "./tabs.tsx";

const kinds: Record<string, string> = { site: "Site", git: "Repository", files: "Files" };

const columns: Column<Source>[] = [
  { id: "name", title: "Source", value: ({ name }) => name },
  { id: "kind", title: "Kind", choice: true, optional: true, value: ({ kind }) => kinds[kind] ?? kind },
  {
    id: "state",
    title: "State",
    value: ({ state }) => state,
    cell: (source) => <Progress source={source} />,
  },
  { id: "pages", title: "Pages", align: "right", value: ({ pages }) => pages },
  { id: "chunks", title: "Passages", align: "right", optional: true, value: ({ chunks }) => chunks },
  {
    id: "read",
    title: "Read",
    optional: true,
    value: ({ readAt }) => readAt,
    cell: ({ readAt }) => <Ago at={readAt} empty="not yet" />,
  },
  { id: "address", title: "Address", hidden: true, value: ({ address }) => address },
];

/** Sites, repositories and files, and how far each is read; it moves as they are. */
export function Sources() {
  useSourcesLive();
  const query = useQuery(sourcesQuery);
  const write = useMay("knowledge:write");
  const [open, setOpen] = useAddress("open");
  const [adding, add] = useAddress("add");
  const opened = query.data?.find(({ id }) => id === open);
  return (
    <ListPage
      title="Knowledge"
      lead="Where what is known comes from."
      query={query}
      create={write ? { label: "Add source", run: () => add("site", { push: true }) } : undefined}
      above={<KnowledgeTabs at="/knowledge/sources" />}
      empty={{
        title: "No source yet",
        text: "A site is read from its address on, a repository at every push, files when they are uploaded.",
      }}
      table={(sources) => (
        <DataTable
          name="sources"
          columns={columns}
          rows={sources}
          id={({ id }) => id}
          onOpen={({ id }) => setOpen(id, { push: true })}
          open={open}
        />
      )}
    >
      {opened && <SourcePanel source={opened} onClose={() => setOpen(undefined)} />}
      {adding && <AddSource kind={adding} onKind={(kind) => add(kind)} onClose={() => add(undefined)} />}
    </ListPage>
  );
}

function Progress({ source }: { source: Source }) {
  const { run, waiting, chunks } = source;
  if (run?.state === "running" || run?.state === "waiting") {
    const settled = run.read + run.unchanged + run.skipped + run.failed;
    return (
      <span className="source-progress">
        <StateMark state="running" label={`reading ${settled} of ${Math.max(run.found, settled)}`} />
        <progress value={settled} max={Math.max(1, run.found)} aria-label={`Reading ${source.name}`} />
      </span>
    );
  }
  if (waiting > 0) {
    return (
      <span className="source-progress">
        <StateMark state="running" label={`embedding ${chunks - waiting} of ${chunks}`} />
        <progress value={chunks - waiting} max={chunks} aria-label={`Embedding ${source.name}`} />
      </span>
    );
  }
  const { failed } = source.problems;
  if (failed > 0) return <StateMark state="incomplete" label={`incomplete, ${failed} failed`} />;
  return <StateMark state={source.state} />;
}
