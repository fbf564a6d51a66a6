import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { Name, Slug } from "../../../../../projects/schemas.ts";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { useForm } from "../../parts/form.ts";
import { Section } from "../../parts/page.tsx";
import { audiences, everyoneOf, includes } from "./audiences.ts";
import { pathOf, type Shared } from "./queries.ts";

const Given = Type.Object({
  name: Name,
  slug: Slug,
  description: Type.String({ maxLength: 20_000 }),
  everyone: Type.String(),
});

/** Its name, address and audience, and its end. */
export function ProjectSettings({ project }: { project: Shared }) {
  const client = useQueryClient();
  const write = useMay("projects:write");
  const [asked, ask] = useState<"archive" | "delete">();
  const refresh = () => client.invalidateQueries({ queryKey: ["projects"] });
  const form = useForm(
    Given,
    { ...project, everyone: project.everyone ?? "none" },
    async ({ name, slug, description, everyone }) => {
      const body = { name, slug, description, everyone: everyoneOf(everyone) };
      await call(pathOf(project.id), { method: "PATCH", body });
      await refresh();
    },
  );
  const archived = project.state === "archived";
  const maintains = write && includes(project.role, "maintainer");
  const readOnly = !maintains || archived;
  return (
    <div className="stack project-tab">
      <form className="stack project-form" onSubmit={form.submit} noValidate>
        <TextInput label="Name" required disabled={readOnly} {...form.field("name")} />
        <TextInput label="Slug" required disabled={readOnly} {...form.field("slug")} />
        <Textarea label="Description" autosize minRows={3} disabled={readOnly} {...form.field("description")} />
        <Select
          label="Everyone in the organisation"
          data={audiences}
          allowDeselect={false}
          disabled={readOnly}
          value={form.values.everyone}
          onChange={(value) => value && form.set("everyone", value)}
        />
        {form.failure && <Failure error={form.failure} />}
        {!readOnly && (
          <div className="row">
            <Button type="submit" size="xs" loading={form.busy}>
              Save
            </Button>
          </div>
        )}
      </form>
      {maintains && (
        <Section title="End">
          <div className="row">
            <Button size="xs" variant="default" onClick={() => ask("archive")}>
              {archived ? "Restore" : "Archive"}
            </Button>
            {includes(project.role, "owner") && (
              <Button size="xs" variant="default" onClick={() => ask("delete")}>
                Delete
              </Button>
            )}
          </div>
        </Section>
      )}
      <Confirm
        opened={asked === "archive"}
        onClose={() => ask(undefined)}
        title={`${archived ? "Restore" : "Archive"} ${project.name}?`}
        action={archived ? "Restore" : "Archive"}
        command={archived ? `./devflow projects restore ${project.slug}` : `./devflow projects archive ${project.slug}`}
        run={async () => {
          await call(pathOf(project.id, archived ? "/restore" : "/archive"), { method: "POST" });
          await refresh();
        }}
      >
        {archived ? "It can be worked on again." : "It stays as it is and takes no changes until it is restored."}
      </Confirm>
      <Confirm
        opened={asked === "delete"}
        onClose={() => ask(undefined)}
        title={`Delete ${project.name}?`}
        action="Delete"
        danger
        name={project.slug}
        command={`./devflow projects delete ${project.slug}`}
        run={async () => {
          await call(pathOf(project.id), { method: "DELETE" });
          await refresh();
        }}
      >
        Its tasks, documents, secrets, model keys and budgets go with it, in every product. What it cost stays counted.
      </Confirm>
    </div>
  );
}
