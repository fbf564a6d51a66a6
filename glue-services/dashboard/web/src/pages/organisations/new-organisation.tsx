import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { NewOrganisation } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { organisationsQuery } from "../../api/queries.ts";
import { meQuery } from "../../api/session.ts";
import { Once } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";

interface Made {
  name: string;
  owner: string;
  link: string | null;
  mailed: boolean;
}

/** Makes an organisation and shows its first owner's link, which is not to be seen again. */
export function NewOrganisationForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [made, setMade] = useState<Made>();
  const form = useForm(NewOrganisation, { name: "", owner: "" }, async (values) => {
    const answer = await call<Omit<Made, "owner">>("/api/identity/organisations", { method: "POST", body: values });
    setMade({ ...answer, owner: values.owner });
    await client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
    await client.invalidateQueries({ queryKey: meQuery.queryKey });
  });
  return (
    <FormDialog
      title={made?.name ?? "New organisation"}
      form={form}
      action="Create"
      onClose={onClose}
      made={made && <Owned {...made} />}
    >
      <TextInput label="Name" data-autofocus required {...form.field("name")} />
      <TextInput
        label="Owner’s e-mail address"
        description="Your own makes you its owner at once; anybody else gets a link."
        type="email"
        required
        {...form.field("owner")}
      />
    </FormDialog>
  );
}

function Owned({ owner, link, mailed }: Made) {
  if (link === null) return <p>It is yours. Choose it at the top of the page to act for it.</p>;
  return (
    <>
      <p>
        {mailed ? `The link was mailed to ${owner}.` : `Give this link to ${owner}.`} It makes them owner, works once,
        for seven days, and is not shown again.
      </p>
      <Once value={link} label="Copy the link" />
    </>
  );
}
