import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Type } from "typebox";
import { KeyGiven } from "../../../../../ai-gateway/schemas.ts";
import { Command } from "../../parts/command.tsx";
import { NewKeyDialog } from "../../parts/new-key-dialog.tsx";
import { modelsQuery, virtualKeysQuery } from "./queries.ts";

const Wanted = Type.Object({ name: KeyGiven.properties.name, models: Type.Array(Type.String()), life: Type.String() });

/** A key that programs call models with. `own`: for oneself, which ends within a year. */
export function NewVirtualKey({ own, onClose }: { own: boolean; onClose: () => void }) {
  const { data } = useQuery(modelsQuery);
  return (
    <NewKeyDialog
      title="New model key"
      schema={Wanted}
      initial={{ name: "", models: [], life: own ? "90" : "" }}
      path="/api/ai/keys"
      queryKey={virtualKeysQuery.queryKey}
      body={({ name, models, life }) => ({ name, models, ...(life && { expiresAt: inDays(Number(life)) }) })}
      endless={!own}
      use={
        <Command label="Most clients read:">{`export OPENAI_BASE_URL=${window.location.origin}/v1 OPENAI_API_KEY=…`}</Command>
      }
      onClose={onClose}
    >
      {(form) => (
        <TagsInput
          label="Models"
          description="Routes, models, or all of a provider as openai/*. Empty: everything."
          data={(data?.data ?? []).map(({ id }) => id)}
          value={form.values.models}
          onChange={(next) => form.set("models", next)}
        />
      )}
    </NewKeyDialog>
  );
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}
