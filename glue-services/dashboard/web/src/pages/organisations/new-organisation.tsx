import { Button, Modal, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { NewOrganisation } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { organisationsQuery } from "../../api/queries.ts";
import { meQuery } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { Once } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";

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
    <Modal
      opened
      onClose={onClose}
      title={made ? made.name : "New organisation"}
      closeOnClickOutside={!made}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {made ? (
        <div className="stack">
          {made.link === null ? (
            <p>It is yours. Choose it at the top of the page to act for it.</p>
          ) : (
            <>
              <p>
                {made.mailed ? `The link was mailed to ${made.owner}.` : `Give this link to ${made.owner}.`} It makes
                them owner, works once, for seven days, and is not shown again.
              </p>
              <Once value={made.link} label="Copy the link" />
            </>
          )}
          <div className="row end">
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      ) : (
        <form className="stack" onSubmit={form.submit} noValidate>
          <TextInput label="Name" data-autofocus required {...form.field("name")} />
          <TextInput
            label="Owner’s e-mail address"
            description="Your own makes you its owner at once; anybody else gets a link."
            type="email"
            required
            {...form.field("owner")}
          />
          {form.failure && <Failure error={form.failure} />}
          <div className="row end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.busy}>
              Make it
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
