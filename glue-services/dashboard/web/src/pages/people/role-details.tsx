import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { Role as RoleSchema } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { type Role, rolesQuery } from "../../api/queries.ts";
import { Failure } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { useForm } from "../../parts/form.ts";
import { Facts } from "../../parts/page.tsx";
import { PermissionsInput } from "./permissions-input.tsx";

const Changes = Type.Pick(RoleSchema, ["description", "permissions"]);

/** A role: to read when it is built in, to change and delete when it is the organisation's own. */
export function RoleDetails({ role, manage, onGone }: { role: Role; manage: boolean; onGone: () => void }) {
  if (manage && !role.builtIn) return <Own role={role} onGone={onGone} />;
  return (
    <div className="stack">
      <Facts
        facts={[
          ["What it is for", role.description],
          ["May", <code key="may">{role.permissions.join(" ") || "nothing"}</code>],
        ]}
      />
      {role.builtIn && <p className="quiet">It is built in and the same in every organisation.</p>}
    </div>
  );
}

function Own({ role, onGone }: { role: Role; onGone: () => void }) {
  const client = useQueryClient();
  const [asked, ask] = useState(false);
  const path = `/api/identity/roles/${role.name}`;
  const refresh = () => client.invalidateQueries({ queryKey: rolesQuery.queryKey });
  const { description, permissions } = role;
  const form = useForm(Changes, { description, permissions }, async (body) => {
    await call(path, { method: "PUT", body });
    await refresh();
    notifications.show({ message: `The role ${role.name} is changed for everybody who has it.` });
  });
  const same =
    form.values.description === description &&
    [...form.values.permissions].sort().join() === [...permissions].sort().join();
  return (
    <>
      <form className="stack" onSubmit={form.submit} noValidate>
        <TextInput label="Description" {...form.field("description")} />
        <PermissionsInput
          value={form.values.permissions}
          onChange={(next) => form.set("permissions", next)}
          error={form.errors.permissions}
        />
        {form.failure && <Failure error={form.failure} />}
        <div className="row">
          <Button type="submit" size="xs" loading={form.busy} disabled={same}>
            Save
          </Button>
          <Button size="xs" variant="default" onClick={() => ask(true)}>
            Delete
          </Button>
        </div>
      </form>
      {/* Outside the form: a submit of the question would be one of the form as well. */}
      <Confirm
        opened={asked}
        onClose={() => ask(false)}
        title={`Delete the role ${role.name}?`}
        action="Delete"
        danger
        run={async () => {
          await call(path, { method: "DELETE" });
          onGone();
          await refresh();
        }}
      >
        It can be deleted once nobody has it any more.
      </Confirm>
    </>
  );
}
