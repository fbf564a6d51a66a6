import { Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Type } from "typebox";
import { providerKinds } from "../../../../../ai-gateway/schemas.ts";
import { call } from "../../api/call.ts";
import { Command } from "../../parts/command.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";

const Wanted = Type.Object({
  name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,30}$" }),
  kind: Type.String(),
  baseUrl: Type.String({ pattern: "^(https?://\\S+)?$" }),
  key: Type.String({ pattern: "^([A-Z][A-Z0-9_]*)?$" }),
});
const titles: Record<(typeof providerKinds)[number], string> = {
  openai: "OpenAI (also Azure, by its address)",
  anthropic: "Anthropic",
  google: "Google",
  bedrock: "Amazon Bedrock",
  "openai-compatible": "A server with OpenAI’s API: Ollama, vLLM, Mistral, Groq …",
};

/** Adds a provider of this organisation. Its key is kept among the secrets, and named here. */
export function NewProvider({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm(
    Wanted,
    { name: "", kind: "openai", baseUrl: "", key: "" },
    async ({ name, kind, baseUrl, key }) => {
      const body = { name, kind, ...(baseUrl && { baseUrl }), ...(key && { key }) };
      await call("/api/ai/providers", { method: "PUT", body });
      await client.invalidateQueries({ queryKey: ["ai"] });
      onClose();
    },
  );
  const { key } = form.values;
  return (
    <FormDialog title="Add a provider" form={form} action="Add it" onClose={onClose}>
      <Select
        label="Kind"
        data={providerKinds.map((value) => ({ value, label: titles[value] }))}
        value={form.values.kind}
        onChange={(next) => form.set("kind", next ?? "openai")}
        allowDeselect={false}
      />
      <TextInput
        label="Name"
        description="Stands before the model: name/model. Small letters, digits and dashes."
        placeholder="openai"
        data-autofocus
        required
        {...form.field("name")}
      />
      <TextInput
        label="Address"
        description="Only where it is not the maker’s own."
        placeholder="https://api.example.com/v1"
        required={form.values.kind === "openai-compatible"}
        {...form.field("baseUrl")}
      />
      <TextInput
        label="Secret with the key"
        description="Its NAME, never the key. Leave it empty for a server that wants none."
        placeholder="OPENAI_API_KEY"
        {...form.field("key")}
      />
      {key && <Command label="Keep the key:">{`./devflow secrets set ${key} --tier organisation`}</Command>}
    </FormDialog>
  );
}
