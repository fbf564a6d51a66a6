import { MultiSelect, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { Email, Roles } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { invitationsQuery, rolesQuery } from "../../api/queries.ts";
import { Once } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";

const NewInvitation = Type.Object({ email: Email, roles: Roles });

/** Makes an invitation and shows its link, which is not to be seen again. */
export function Invite({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { data: roles = [] } = useQuery(rolesQuery);
  const [made, setMade] = useState<{ link: string; mailed: boolean; email: string }>();
  const form = useForm(NewInvitation, { email: "", roles: ["developer"] }, async (values) => {
    setMade(await call("/api/identity/invitations", { method: "POST", body: values }));
    await client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
  });
  return (
    <FormDialog
      title="Invite somebody"
      form={form}
      action="Invite"
      onClose={onClose}
      made={
        made && (
          <>
            <p>
              {made.mailed ? `The link was mailed to ${made.email}.` : `Give this link to ${made.email}.`} It works
              once, for seven days, and is not shown again.
            </p>
            <Once value={made.link} label="Copy the link" />
          </>
        )
      }
    >
      <TextInput label="E-mail address" type="email" data-autofocus required {...form.field("email")} />
      <MultiSelect
        label="Roles"
        description="What they may do; it can be changed later."
        data={roles.map(({ name }) => name)}
        value={form.values.roles}
        onChange={(next) => form.set("roles", next)}
        error={form.errors.roles}
      />
    </FormDialog>
  );
}
