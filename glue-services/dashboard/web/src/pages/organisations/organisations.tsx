import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Organisation, organisationsQuery } from "../../api/queries.ts";
import { useMe } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { NewOrganisationForm } from "./new-organisation.tsx";

/** Every organisation of this platform; each sees its own people, keys, secrets and data only. */
export function Organisations() {
  const me = useMe();
  const query = useQuery(organisationsQuery);
  const [making, make] = useState(false);
  const columns: Column<Organisation>[] = [
    {
      id: "name",
      title: "Name",
      value: ({ name }) => name,
      cell: ({ id, name }) => (
        <>
          {name} {id === me?.organisation && <StateMark state="active" label="you act for it" />}
        </>
      ),
    },
    {
      id: "slug",
      title: "Slug",
      optional: true,
      value: ({ slug }) => slug,
      cell: ({ slug }) => <code>{slug}</code>,
    },
    { id: "members", title: "Members", align: "right", value: ({ members }) => members },
    { id: "made", title: "Made", value: ({ createdAt }) => createdAt, cell: ({ createdAt }) => <Ago at={createdAt} /> },
  ];
  return (
    <Page
      title="Organisations"
      lead="Each sees its own people, keys, secrets and data only. The first one administers the platform."
      actions={
        <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => make(true)}>
          New organisation
        </Button>
      }
    >
      <Answer query={query}>
        {(organisations) => (
          <DataTable name="organisations" columns={columns} rows={organisations} id={({ id }) => id} sort="made" />
        )}
      </Answer>
      {making && <NewOrganisationForm onClose={() => make(false)} />}
    </Page>
  );
}
