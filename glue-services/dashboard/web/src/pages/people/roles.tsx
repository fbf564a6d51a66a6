import { useQuery } from "@tanstack/react-query";
import { type Role, rolesQuery } from "../../api/queries.ts";
import { Answer } from "../../parts/answers.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

const columns: Column<Role>[] = [
  { id: "name", title: "Role", value: ({ name }) => name },
  { id: "description", title: "What it is for", value: ({ description }) => description },
  {
    id: "permissions",
    title: "May",
    optional: true,
    value: ({ permissions }) => permissions.join(" "),
    cell: ({ permissions }) => <code>{permissions.map((one) => (one === "*" ? "everything" : one)).join(" ")}</code>,
  },
  {
    id: "origin",
    title: "Origin",
    optional: true,
    value: ({ builtIn }) => (builtIn ? "built in" : "this organisation"),
  },
];

/** What each role may do. */
export function Roles() {
  const query = useQuery(rolesQuery);
  return (
    <Answer query={query}>
      {(roles) => <DataTable name="roles" columns={columns} rows={roles} id={({ name }) => name} plain />}
    </Answer>
  );
}
