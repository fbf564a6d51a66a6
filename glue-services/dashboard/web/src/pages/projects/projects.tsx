import "../../style/knowledge.css";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../../api/session.ts";
import { useSituation } from "../../api/use-situation.ts";
import { useNewDialog } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { ListPage } from "../../parts/list-page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { NewProject } from "./new-project.tsx";
import { type Project, projectsQuery, type Shared, sharedQuery, useProjectsLive } from "./queries.ts";

type Row = Shared & { tasks?: Project["tasks"] };

const columns: Column<Row>[] = [
  { id: "name", title: "Project", value: ({ name }) => name },
  { id: "slug", title: "Slug", optional: true, value: ({ slug }) => slug },
  { id: "todo", title: "To do", align: "right", optional: true, value: ({ tasks }) => tasks?.todo ?? "" },
  {
    id: "doing",
    title: "Doing",
    align: "right",
    optional: true,
    value: ({ tasks }) => (tasks ? tasks.doing + tasks.review : ""),
  },
  { id: "role", title: "Your role", choice: "role", optional: true, value: ({ role }) => role },
  {
    id: "state",
    title: "State",
    choice: true,
    value: ({ state }) => state,
    cell: ({ state }) => <StateMark state={state} />,
  },
  {
    id: "changed",
    title: "Changed",
    optional: true,
    value: ({ changedAt }) => changedAt,
    cell: ({ changedAt }) => <Ago at={changedAt} />,
  },
];

/** What people and agents work on. */
export function Projects() {
  useProjectsLive();
  const query = useQuery(sharedQuery);
  const hasTasks = useSituation()?.context.answers.includes("/api/knowledge/sources") === true;
  const { data: known } = useQuery({ ...projectsQuery, enabled: hasTasks });
  const navigate = useNavigate();
  const write = useMay("projects:write");
  const [making, make] = useNewDialog();
  return (
    <ListPage
      title="Projects"
      lead="What people and agents work on, in all products."
      query={query}
      create={write ? { label: "New project", run: () => make(true) } : undefined}
      empty={{
        title: "No project yet",
        text: "A project has members, environments, a board of tasks and documents; its secrets, model keys and budgets belong to it.",
      }}
      table={(projects) => (
        <DataTable
          name="projects"
          columns={columns}
          rows={withTasks(projects, known)}
          id={({ id }) => id}
          address={({ id }) => ({ to: "/projects/$id", params: { id } })}
          onOpen={({ id }) => void navigate({ to: "/projects/$id", params: { id }, search: {} })}
        />
      )}
    >
      {making && <NewProject onClose={() => make(false)} />}
    </ListPage>
  );
}

function withTasks(projects: readonly Shared[], known: readonly Project[] = []): Row[] {
  const tasks = new Map(known.map((one) => [one.id, one.tasks]));
  return projects.map((project) => {
    const of = tasks.get(project.id);
    return { ...project, ...(of && { tasks: of }) };
  });
}
