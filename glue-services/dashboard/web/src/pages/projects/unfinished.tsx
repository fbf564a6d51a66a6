import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Section } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { areaOf } from "../audit/words.ts";
import { includes } from "./audiences.ts";
import { changesQuery, pathOf, type Shared } from "./queries.ts";

const titles = {
  create: "Being set up",
  rename: "Being renamed",
  archive: "Being archived",
  restore: "Being restored",
  delete: "Being deleted",
};

/** What is not done yet in other services, and why; nothing where all is done. */
export function Unfinished({ project }: { project: Shared }) {
  const client = useQueryClient();
  const mayWrite = useMay("projects:write");
  const { data: changes = [] } = useQuery({ ...changesQuery(project.id), refetchInterval: 2000 });
  const running = changes.filter(({ state, parts }) => state === "running" && parts.length > 0);
  // What takes a moment is not worth a word, except where nothing else is shown.
  const shown = running.filter(
    ({ kind, parts }) => kind === "delete" || parts.some(({ state }) => state === "failing" || state === "failed"),
  );
  if (shown.length === 0) return null;
  const failed = shown.some(({ parts }) => parts.some(({ state }) => state === "failed"));
  const retry = async () => {
    await call(pathOf(project.id, "/retry"), { method: "POST" });
    await client.invalidateQueries({ queryKey: ["projects", project.id] });
  };
  return shown.map(({ id, kind, askedAt, parts }) => (
    <Section key={id} title={titles[kind]} aside={<Ago at={askedAt} />}>
      <ul className="project-parts">
        {parts.map(({ service, state, remaining, problem }) => (
          <li key={service}>
            <StateMark state={state} />
            <span>{areaOf(service)}</span>
            <span className="quiet">{[remaining && `${remaining} left`, problem].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
      {failed && mayWrite && includes(project.role, "maintainer") && (
        <Button size="xs" variant="default" onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </Section>
  ));
}
