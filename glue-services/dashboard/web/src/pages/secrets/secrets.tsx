import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/call.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Page } from "../../parts/page.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

/** What is told of a secret; its value never is. */
interface SecretName {
  name: string;
  /** platform, organisation or project. */
  tier: string;
  /** Where it is kept: .env, 1Password. */
  backend: string;
  changedAt?: string | null;
}

const columns: Column<SecretName>[] = [
  { id: "name", title: "Name", value: ({ name }) => name, cell: ({ name }) => <code>{name}</code> },
  { id: "tier", title: "Tier", choice: true, value: ({ tier }) => tier },
  { id: "backend", title: "Kept in", value: ({ backend }) => backend, optional: true },
  {
    id: "changed",
    title: "Changed",
    value: ({ changedAt }) => changedAt ?? null,
    cell: ({ changedAt }) => <Ago at={changedAt} empty="not recorded" />,
  },
];

/** Names of secrets, where each is kept, and how it is changed. */
export function Secrets() {
  const query = useQuery({
    queryKey: ["secrets"],
    queryFn: ({ signal }) => call<SecretName[]>("/api/secrets", { signal }),
  });
  return (
    <Page
      title="Secrets"
      lead="Looked up in the project, then the organisation, then the platform. Values are never shown here."
    >
      <Answer query={query}>
        {(secrets) =>
          secrets.length === 0 ? (
            <Empty title="No secret yet" action={<Command>./devflow secrets set NAME</Command>}>
              Provider keys, tokens and passwords that your programs need. They are set on the command line, where what
              is typed is not shown.
            </Empty>
          ) : (
            <>
              <DataTable name="secrets" columns={columns} rows={secrets} id={({ tier, name }) => `${tier} ${name}`} />
              <p className="row">
                <Command label="Set one:">./devflow secrets set NAME</Command>
                <Command label="Rotate one:">./devflow secrets rotate NAME</Command>
              </p>
            </>
          )
        }
      </Answer>
    </Page>
  );
}
