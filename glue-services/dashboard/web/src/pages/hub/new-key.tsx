import { Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { KeyGiven } from "../../../../../ai-gateway/schemas.ts";
import { call } from "../../api/call.ts";
import { Command, Once } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { modelsQuery, virtualKeysQuery } from "./queries.ts";

const Wanted = Type.Object({ name: KeyGiven.properties.name, models: Type.Array(Type.String()), life: Type.String() });
const lives = [
  { value: "1", label: "A day" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is revoked" },
];

/** Makes a key and shows it once. `own`: for oneself, which ends within a year. */
export function NewVirtualKey({ own, onClose }: { own: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const { data } = useQuery(modelsQuery);
  const [made, setMade] = useState<{ key: string; name: string }>();
  const form = useForm(Wanted, { name: "", models: [], life: own ? "90" : "" }, async ({ name, models, life }) => {
    const expiresAt = life && new Date(Date.now() + Number(life) * 86_400_000).toISOString();
    const body = { name, models, ...(expiresAt && { expiresAt }) };
    setMade(await call("/api/ai/keys", { method: "POST", body }));
    await client.invalidateQueries({ queryKey: virtualKeysQuery.queryKey });
  });
  return (
    <FormDialog
      title={made?.name ?? "New model key"}
      form={form}
      action="Create key"
      onClose={onClose}
      made={
        made && (
          <>
            <p>Copy it now: it is not stored and cannot be shown again.</p>
            <Once value={made.key} label="Copy the key" />
            <Command label="Most clients read:">{`export OPENAI_BASE_URL=${window.location.origin}/v1 OPENAI_API_KEY=…`}</Command>
          </>
        )
      }
    >
      <TextInput label="Name" description="What uses it." data-autofocus required {...form.field("name")} />
      <TagsInput
        label="Models"
        description="Routes, models, or all of a provider as openai/*. Empty: everything."
        data={(data?.data ?? []).map(({ id }) => id)}
        value={form.values.models}
        onChange={(next) => form.set("models", next)}
      />
      <Select
        label="Valid for"
        data={own ? lives.filter(({ value }) => value !== "") : lives}
        value={form.values.life}
        onChange={(next) => form.set("life", next ?? "")}
        allowDeselect={false}
      />
    </FormDialog>
  );
}
