import { Select, TagsInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { Permissions, PersonName } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { keysQuery } from "../../api/queries.ts";
import { Once } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";

const Wanted = Type.Object({ name: PersonName, scopes: Permissions, life: Type.String() });
const lives = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is revoked" },
];
const usual = ["*:read", "*:write", "*", "people:read", "keys:read", "audit:view"];

/** Makes a key and shows it once. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [made, setMade] = useState<{ key: string; name: string }>();
  const form = useForm(Wanted, { name: "", scopes: ["*:read"], life: "90" }, async ({ name, scopes, life }) => {
    const body = { name, scopes, ...(life && { days: Number(life) }) };
    setMade(await call("/api/identity/keys", { method: "POST", body }));
    await client.invalidateQueries({ queryKey: keysQuery.queryKey });
  });
  return (
    <FormDialog
      title={made?.name ?? "New API key"}
      form={form}
      action="Make the key"
      onClose={onClose}
      made={
        made && (
          <>
            <p>Copy it now: it is not stored and cannot be shown again.</p>
            <Once value={made.key} label="Copy the key" />
          </>
        )
      }
    >
      <TextInput label="Name" description="What uses it." data-autofocus required {...form.field("name")} />
      <TagsInput
        label="Scopes"
        description="What it may do: resource:action. You cannot hand on more than you hold."
        data={usual}
        value={form.values.scopes}
        onChange={(next) => form.set("scopes", next)}
        error={form.errors.scopes}
      />
      <Select
        label="Valid for"
        data={lives}
        value={form.values.life}
        onChange={(next) => form.set("life", next ?? "")}
        allowDeselect={false}
      />
    </FormDialog>
  );
}
