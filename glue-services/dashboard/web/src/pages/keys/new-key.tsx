import { MultiSelect, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { Permissions, PersonName } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { keysQuery, scopesQuery } from "../../api/queries.ts";
import { may, useMe } from "../../api/session.ts";
import { Once } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { scopeGroups } from "./scopes.ts";

const Wanted = Type.Object({ name: PersonName, scopes: Permissions, life: Type.String() });
const lives = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is revoked" },
];

/** Makes a key and shows it once. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const me = useMe();
  const { data: known = [] } = useQuery(scopesQuery);
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
      action="Create key"
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
      <MultiSelect
        label="Scopes"
        description="What it may do, and never more than you may."
        data={scopeGroups(known).map(({ group, scopes }) => ({
          group,
          items: scopes
            .filter(({ name }) => name.includes("*") || may(me ?? null, name))
            .map(({ name, lets }) => ({ value: name, label: `${lets} (${name})` })),
        }))}
        searchable
        nothingFoundMessage="No results"
        maxDropdownHeight={320}
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
