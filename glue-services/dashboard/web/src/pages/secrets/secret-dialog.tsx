import { PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Type } from "typebox";
import { type SecretEntry, SecretName } from "../../../../../secrets/schemas.ts";
import { call } from "../../api/call.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { projectsQuery } from "../projects/queries.ts";
import { secretsQuery } from "./queries.ts";

const Wanted = Type.Object({
  name: SecretName,
  value: Type.String({ minLength: 1, maxLength: 65_536 }),
  project: Type.String(),
  lines: Type.Boolean(),
});

export interface SecretDialogProps {
  /** The one that gets another value; without it a new one is made. */
  secret?: SecretEntry | undefined;
  /** Projects can be listed, so that a secret can be one’s alone. */
  projects: boolean;
  onClose: () => void;
}

/** A name and a value. The value goes out once and never comes back. */
export function SecretDialog({ secret, projects, onClose }: SecretDialogProps) {
  const client = useQueryClient();
  const known = useQuery(secretsQuery).data ?? [];
  const places = useQuery({ ...projectsQuery, enabled: projects && !secret }).data ?? [];
  const initial = { name: secret?.name ?? "", value: "", project: secret?.project ?? "", lines: false };
  const form = useForm(Wanted, initial, async ({ name, value, project }) => {
    const body = { value, ...(project && { project }) };
    await call(`/api/secrets/${name}`, { method: "PUT", body });
    await Promise.all(["secrets", "ai"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    onClose();
  });
  const { name, project, lines } = form.values;
  const taken = !secret && known.some((one) => one.name === name && (one.project ?? "") === project && one.writable);
  return (
    <FormDialog
      title={secret ? `Replace ${secret.name}` : "New secret"}
      form={form}
      action={taken ? "Replace" : "Save"}
      onClose={onClose}
    >
      {!secret && (
        <TextInput
          label="Name"
          placeholder="STRIPE_API_KEY"
          data-autofocus
          required
          {...form.field("name")}
          onChange={(event) => form.set("name", event.currentTarget.value.toUpperCase().replaceAll(/[\s-]+/g, "_"))}
        />
      )}
      {lines ? (
        <Textarea label="Value" autosize minRows={4} maxRows={12} required {...form.field("value")} />
      ) : (
        <PasswordInput
          label="Value"
          autoComplete="off"
          required
          data-autofocus={secret ? true : undefined}
          visibilityToggleButtonProps={{ "aria-label": "Show the value" }}
          {...form.field("value")}
        />
      )}
      <button type="button" className="link-button" onClick={() => form.set("lines", !lines)}>
        {lines ? "A value of one line" : "A value of several lines, such as a certificate"}
      </button>
      {!secret && places.length > 0 && (
        <Select
          label="Scope"
          data={[
            { value: "", label: "The whole organisation" },
            ...places.map(({ id, title }) => ({ value: id, label: `Project ${title}` })),
          ]}
          value={project}
          onChange={(next) => form.set("project", next ?? "")}
          allowDeselect={false}
        />
      )}
      <p className="quiet">
        {taken
          ? `${name} is there already: what uses it gets this value at once.`
          : secret
            ? "What uses it gets the new value at once; the former one is gone."
            : "Kept encrypted. Nobody can read it here again; replace it to change it."}
      </p>
    </FormDialog>
  );
}
