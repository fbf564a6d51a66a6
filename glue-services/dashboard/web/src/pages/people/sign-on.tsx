import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type SignOnProvider, signOnQuery } from "../../api/queries.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { NewProvider } from "./new-provider.tsx";

const kinds: Record<string, string> = { oidc: "OpenID Connect", saml: "SAML" };

/** Identity providers of this organisation, where its people sign on instead of here. */
export function SignOn() {
  const client = useQueryClient();
  const query = useQuery(signOnQuery);
  const [adding, add] = useState(false);
  const [asked, ask] = useState<SignOnProvider>();
  const columns: Column<SignOnProvider>[] = [
    { id: "provider", title: "Provider", value: ({ provider }) => provider },
    { id: "domain", title: "For addresses of", value: ({ domain }) => domain },
    { id: "kind", title: "Protocol", optional: true, value: ({ kind }) => kinds[kind] ?? kind },
    { id: "issuer", title: "Issuer", optional: true, value: ({ issuer }) => issuer },
    actionsColumn((provider) => (
      <RowButton about={provider.provider} onClick={() => ask(provider)}>
        Remove
      </RowButton>
    )),
  ];
  const begin = (
    <Button size="xs" variant="default" onClick={() => add(true)}>
      Add a provider
    </Button>
  );
  return (
    <>
      <Answer query={query}>
        {(providers) =>
          providers.length === 0 ? (
            <Empty title="People sign in here" action={begin}>
              With your organisation’s own OpenID Connect or SAML provider they sign on there instead. They are still
              invited first: a provider adds nobody by itself.
            </Empty>
          ) : (
            <>
              <DataTable name="providers" columns={columns} rows={providers} id={({ provider }) => provider} plain />
              <div className="row">{begin}</div>
            </>
          )
        }
      </Answer>
      {adding && <NewProvider onClose={() => add(false)} />}
      <Confirm
        opened={asked !== undefined}
        onClose={() => ask(undefined)}
        title={`Remove ${asked?.provider}?`}
        action="Remove"
        name={asked?.provider ?? ""}
        danger
        run={async () => {
          await call(`/api/identity/sign-on/${asked?.provider}`, { method: "DELETE" });
          await client.invalidateQueries({ queryKey: signOnQuery.queryKey });
        }}
      >
        People of {asked?.domain} can no longer sign on there. Those without a password or passkey here need a reset
        link.
      </Confirm>
    </>
  );
}
