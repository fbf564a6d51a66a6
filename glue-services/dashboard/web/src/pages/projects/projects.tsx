import { useNewDialog } from "../../parts/address.ts";
import "../../style/knowledge.css";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty, Failure } from "../../parts/answers.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useForm } from "../../parts/form.ts";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
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
  const button = write && (
    <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => make(true)}>
      New project
    </Button>
  );
  return (
    <Page title="Projects" lead="Tasks and documents that people and agents share." actions={button}>
      <Answer query={query}>
        {(projects) =>
          projects.length === 0 ? (
            <Empty title="No project yet" action={button}>
              A project has a board of tasks, documents that keep their versions, and the sources that belong to it.
            </Empty>
          ) : (
            <DataTable
              name="projects"
              columns={columns}
              rows={projects}
              id={({ id }) => id}
              address={({ id }) => ({ to: "/projects/$id", params: { id } })}
              onOpen={({ id }) => void navigate({ to: "/projects/$id", params: { id }, search: {} })}
            />
          )
        }
      </Answer>
      {making && <NewProject onClose={() => make(false)} />}
    </Page>
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
    <Dialog opened onClose={onClose} title="New project">
      <form className="stack" onSubmit={form.submit} noValidate>
        <TextInput label="Title" required data-autofocus {...form.field("title")} />
        <Textarea label="Description" autosize minRows={3} {...form.field("description")} />
        {form.failure && <Failure error={form.failure} />}
        <div className="row end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={form.busy}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
