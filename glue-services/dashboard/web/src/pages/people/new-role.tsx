import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Type } from "typebox";
import { Role, RoleName } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { rolesQuery } from "../../api/queries.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { PermissionsInput } from "./permissions-input.tsx";

const Wanted = Type.Object({ ...Role.properties, name: RoleName });

/** Makes a role of the organisation; a name that is taken is refused, so that no other role is overwritten. */
export function NewRole({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const empty = { name: "", description: "", permissions: ["*:read"], builtIn: false };
  const form = useForm(Wanted, empty, async ({ name, description, permissions }) => {
    await call(`/api/identity/roles/${name}`, { method: "PUT", body: { description, permissions }, ifNew: true });
    await client.invalidateQueries({ queryKey: rolesQuery.queryKey });
    onClose();
  });
  return (
    <FormDialog title="New role" form={form} action="Create role" onClose={onClose}>
      <TextInput
        label="Name"
        description="Small letters, digits and hyphens; it stays."
        data-autofocus
        required
        {...form.field("name")}
      />
      <TextInput label="Description" {...form.field("description")} />
      <PermissionsInput
        value={form.values.permissions}
        onChange={(next) => form.set("permissions", next)}
        error={form.errors.permissions}
      />
    </FormDialog>
  );
}
