import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Failure } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts } from "../../parts/page.tsx";
import { plural } from "../../parts/plural.ts";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { type Source, sourcePagesQuery, sourcesQuery } from "./queries.ts";
import { SourceProblems } from "./source-problems.tsx";

/** How a source's last reading went, what is in it, and what can be done with it. */
export function SourcePanel({ source, onClose }: { source: Source; onClose: () => void }) {
  const client = useQueryClient();
  const write = useMay("knowledge:write");
  const pages = useQuery(sourcePagesQuery(source.id));
  const [failure, setFailure] = useState<Error>();
  const [removing, remove] = useState(false);
  const { run } = source;
  const reading = run?.state === "running" || run?.state === "waiting";
  // Page by page below, which says more.
  const told = Object.values(source.problems).some((count) => count > 0);
  const act = async (what: "read" | "cancel") => {
    setFailure(undefined);
    try {
      await call(`/api/knowledge/sources/${source.id}/${what}`, { method: "POST" });
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
    } catch (error) {
      setFailure(error as Error);
    }
  };
  return (
    <SidePanel title={source.name} opened onClose={onClose}>
      <div className="stack">
        <Facts
          facts={[
            ["State", <StateMark key="state" state={source.state} />],
            ["Address", source.address ?? "uploaded files"],
            ["Read", <Ago key="read" at={source.readAt} empty="not yet" />],
            ["Again", source.refreshHours ? `every ${plural(source.refreshHours, "hour")}` : "when it is asked for"],
            ["In it", `${plural(source.pages, "page")}, ${plural(source.chunks, "passage")}`],
            ...(source.waiting > 0 ? [["To embed", plural(source.waiting, "passage")] as [string, string]] : []),
          ]}
        />
        {run && (
          <p>
            Last reading: {run.found} found, {run.read} new or changed, {run.unchanged} as before, {run.skipped} left
            out, {run.failed} failed, {run.removed} gone.
          </p>
        )}
        {run?.note && !told && <p className="notice notice-warn">{run.note}</p>}
        {failure && <Failure error={failure} />}
        {write && (
          <div className="row">
            {reading ? (
              <Button size="xs" variant="default" onClick={() => void act("cancel")}>
                Stop reading
              </Button>
            ) : (
              source.kind !== "files" && (
                <Button size="xs" variant="default" onClick={() => void act("read")}>
                  Read again
                </Button>
              )
            )}
            <Button size="xs" variant="default" onClick={() => remove(true)}>
              Delete
            </Button>
          </div>
        )}
        <SourceProblems source={source} />
        <h3>Pages</h3>
        <Answer query={pages}>
          {(list) => (
            <ul className="plain-list page-list">
              {list.map(({ id, title, address, chunks }) => (
                <li key={id}>
                  <Link to="/knowledge/pages/$id" params={{ id }} search={{}}>
                    {title}
                  </Link>{" "}
                  <span className="quiet">
                    {plural(chunks, "passage")} · <span className="clip">{address}</span>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </div>
      {removing && (
        <Confirm
          opened
          onClose={() => remove(false)}
          title={`Delete ${source.name}?`}
          action="Delete"
          name={source.name}
          danger
          run={async () => {
            await call(`/api/knowledge/sources/${source.id}`, { method: "DELETE" });
            await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
            onClose();
          }}
        >
          All that was read of it goes with it. Where it was read from is left alone.
        </Confirm>
      )}
    </SidePanel>
  );
}
