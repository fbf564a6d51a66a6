import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Role, rolesQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Answer } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { NewRole } from "./new-role.tsx";
import { RoleDetails } from "./role-details.tsx";

const columns: Column<Role>[] = [
  { id: "name", title: "Role", value: ({ name }) => name },
  { id: "description", title: "What it is for", value: ({ description }) => description },
  {
    id: "permissions",
    title: "May",
    optional: true,
    value: ({ permissions }) => permissions.join(" "),
    cell: ({ permissions }) => (
      <code>{permissions.map((one) => (one === "*" ? "everything" : one)).join(" ") || "nothing"}</code>
    ),
  },
  {
    id: "origin",
    title: "Origin",
    optional: true,
    value: ({ builtIn }) => (builtIn ? "built in" : "this organisation"),
  },
];

/** What each role may do. Those that are built in stay as they are; the organisation's own are made and changed here. */
export function Roles() {
  const query = useQuery(rolesQuery);
  const manage = useMay("roles:manage");
  const [open, setOpen] = useAddress("role");
  const [making, make] = useState(false);
  return (
    <Answer query={query}>
      {(roles) => {
        const chosen = roles.find(({ name }) => name === open);
        return (
          <>
            {manage && (
              <div className="data-tools">
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<Icon name="plus" size={12} />}
                  onClick={() => make(true)}
                >
                  New role
                </Button>
              </div>
            )}
            <DataTable
              name="roles"
              columns={columns}
              rows={roles}
              id={({ name }) => name}
              open={open}
              openKey="role"
              onOpen={({ name }) => setOpen(name, { push: true })}
              plain
            />
            <SidePanel title={chosen?.name} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
              {chosen && (
                <RoleDetails key={chosen.name} role={chosen} manage={manage} onGone={() => setOpen(undefined)} />
              )}
            </SidePanel>
            {making && <NewRole onClose={() => make(false)} />}
          </>
        );
      }}
    </Answer>
  );
}
