import { Select, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Type } from "typebox";
import { Name } from "../../../../../projects/schemas.ts";
import { call } from "../../api/call.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { audiences, everyoneOf } from "./audiences.ts";
import type { Shared } from "./queries.ts";

const Given = Type.Object({
  name: Name,
  description: Type.String({ maxLength: 20_000 }),
  everyone: Type.String(),
});

/** Makes a project, and opens its board. */
export function NewProject({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm(Given, { name: "", description: "", everyone: "member" }, async ({ everyone, ...values }) => {
    const body = { ...values, everyone: everyoneOf(everyone) };
    const { id } = await call<Shared>("/api/projects", { method: "POST", body });
    await client.invalidateQueries({ queryKey: ["projects"] });
    await navigate({ to: "/projects/$id", params: { id }, search: { tab: "board" } });
  });
  return (
    <FormDialog title="New project" form={form} action="Create" onClose={onClose}>
      <TextInput label="Name" required data-autofocus {...form.field("name")} />
      <Textarea label="Description" autosize minRows={3} {...form.field("description")} />
      <Select
        label="Everyone in the organisation"
        data={audiences}
        allowDeselect={false}
        value={form.values.everyone}
        onChange={(value) => value && form.set("everyone", value)}
      />
    </FormDialog>
  );
}
