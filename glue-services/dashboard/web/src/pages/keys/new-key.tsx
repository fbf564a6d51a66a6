import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Type } from "typebox";
import { Permissions, PersonName } from "../../../../../identity/schemas.ts";
import { keysQuery, scopesQuery } from "../../api/queries.ts";
import { may, useMe } from "../../api/session.ts";
import { NewKeyDialog } from "../../parts/new-key-dialog.tsx";
import { scopeGroups } from "./scopes.ts";

const Wanted = Type.Object({ name: PersonName, scopes: Permissions, life: Type.String() });

/** A key for the platform's own API. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const { data: known = [] } = useQuery(scopesQuery);
  return (
    <NewKeyDialog
      title="New API key"
      schema={Wanted}
      initial={{ name: "", scopes: ["*:read"], life: "90" }}
      path="/api/identity/keys"
      queryKey={keysQuery.queryKey}
      body={({ name, scopes, life }) => ({ name, scopes, ...(life && { days: Number(life) }) })}
      onClose={onClose}
    >
      {(form) => (
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
      )}
    </NewKeyDialog>
  );
}
