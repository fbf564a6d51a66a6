import { useNewDialog } from "../../parts/address.ts";
import "../../style/knowledge.css";
import { Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { ListPage } from "../../parts/list-page.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { type Project, projectsQuery, useProjectsLive } from "./queries.ts";

const columns: Column<Project>[] = [
  { id: "title", title: "Project", value: ({ title }) => title },
  { id: "todo", title: "To do", align: "right", value: ({ tasks }) => tasks.todo },
  { id: "doing", title: "Doing", align: "right", value: ({ tasks }) => tasks.doing + tasks.review },
  { id: "done", title: "Done", align: "right", optional: true, value: ({ tasks }) => tasks.done },
  { id: "documents", title: "Documents", align: "right", optional: true, value: ({ documents }) => documents },
  {
    id: "state",
    title: "State",
    choice: true,
    optional: true,
    value: ({ archived }) => (archived ? "archived" : "open"),
  },
  {
    id: "changed",
    title: "Changed",
    value: ({ changedAt }) => changedAt,
    cell: ({ changedAt }) => <Ago at={changedAt} />,
  },
];

/** What people and agents work on. */
export function Projects() {
  useProjectsLive();
  const query = useQuery(projectsQuery);
  const navigate = useNavigate();
  const write = useMay("projects:write");
  const [making, make] = useNewDialog();
  return (
    <ListPage
      title="Projects"
      lead="Tasks and documents that people and agents share."
      query={query}
      create={write ? { label: "New project", run: () => make(true) } : undefined}
      empty={{
        title: "No project yet",
        text: "A project has a board of tasks, documents that keep their versions, and the sources that belong to it.",
      }}
      table={(projects) => (
        <DataTable
          name="projects"
          columns={columns}
          rows={projects}
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

const Given = Type.Object({
  title: Type.String({ minLength: 1, maxLength: 200 }),
  description: Type.String({ maxLength: 20_000 }),
});

function NewProject({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm(Given, { title: "", description: "" }, async (values) => {
    const { id } = await call<Project>("/api/knowledge/projects", { method: "POST", body: values });
    await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
    await navigate({ to: "/projects/$id", params: { id }, search: {} });
  });
  return (
    <FormDialog title="New project" form={form} action="Create" onClose={onClose}>
      <TextInput label="Title" required data-autofocus {...form.field("title")} />
      <Textarea label="Description" autosize minRows={3} {...form.field("description")} />
    </FormDialog>
  );
}
