import { Button, MultiSelect } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type Person, peopleQuery, rolesQuery } from "../../api/queries.ts";
import { isAdministrator, useMe } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Failure } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

const columns: Column<Person>[] = [
  { id: "name", title: "Name", value: ({ name }) => name },
  { id: "email", title: "E-mail", value: ({ email }) => email, optional: true },
  { id: "roles", title: "Roles", choice: "role", value: ({ roles }) => roles.join(", ") },
  {
    id: "second",
    title: "Second factor",
    optional: true,
    value: ({ twoFactor }) => (twoFactor ? "yes" : "no"),
  },
  {
    id: "state",
    title: "State",
    value: ({ disabled }) => (disabled ? "disabled" : "active"),
    cell: ({ disabled }) => <StateMark state={disabled ? "disabled" : "active"} />,
  },
  {
    id: "since",
    title: "Member since",
    optional: true,
    value: ({ since }) => since,
    cell: ({ since }) => <Ago at={since} />,
  },
];

export function Members({ query, manage }: { query: UseQueryResult<Person[]>; manage: boolean }) {
  const [open, setOpen] = useAddress("open");
  return (
    <Answer query={query}>
      {(people) => {
        const chosen = people.find(({ id }) => id === open);
        return (
          <>
            <DataTable
              name="members"
              columns={columns}
              rows={people}
              id={({ id }) => id}
              sort="name"
              open={open}
              onOpen={({ id }) => setOpen(id, { push: true })}
            />
            <SidePanel title={chosen?.name} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
              {chosen && <Details key={chosen.id} person={chosen} manage={manage} onGone={() => setOpen(undefined)} />}
            </SidePanel>
          </>
        );
      }}
    </Answer>
  );
}

function Details({ person, manage, onGone }: { person: Person; manage: boolean; onGone: () => void }) {
  const client = useQueryClient();
  const me = useMe();
  const [asked, ask] = useState<"remove" | "disable">();
  const refresh = () => client.invalidateQueries({ queryKey: peopleQuery.queryKey });
  const path = `/api/identity/people/${person.id}`;
  return (
    <div className="stack">
      <Facts
        facts={[
          ["E-mail", person.email],
          ["User name", <code key="name">{person.username}</code>],
          ["State", <StateMark key="state" state={person.disabled ? "disabled" : "active"} />],
          ["Second factor", person.twoFactor ? "yes" : "no"],
          ["Member since", <Ago key="since" at={person.since} />],
          ...(manage ? [] : [["Roles", person.roles.join(", ")] as [string, string]]),
        ]}
      />
      {manage && <ChangeRoles person={person} onSaved={refresh} />}
      {manage && person.id !== me?.person && (
        <div className="row">
          {isAdministrator(me) && (
            <Button size="xs" variant="default" onClick={() => ask("disable")}>
              {person.disabled ? "Enable" : "Disable"}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => ask("remove")}>
            Remove from the organisation
          </Button>
        </div>
      )}
      {isAdministrator(me) && <Command label="Cannot get in?">{`./devflow users reset ${person.email}`}</Command>}
      <Confirm
        opened={asked === "disable"}
        onClose={() => ask(undefined)}
        title={`${person.disabled ? "Enable" : "Disable"} ${person.name}?`}
        action={person.disabled ? "Enable" : "Disable"}
        run={async () => {
          await call(`${path}/disabled`, { method: "PUT", body: { disabled: !person.disabled } });
          await refresh();
        }}
      >
        {person.disabled
          ? "They can sign in again, with the roles they had."
          : "They are signed out everywhere at once and cannot sign in until enabled again. Nothing of theirs is lost."}
      </Confirm>
      <Confirm
        opened={asked === "remove"}
        onClose={() => ask(undefined)}
        title={`Remove ${person.name}?`}
        action="Remove"
        name={person.email}
        danger
        run={async () => {
          await call(path, { method: "DELETE" });
          onGone();
          await refresh();
        }}
      >
        They lose access within seconds, everywhere; their sessions end and their API keys are revoked. What they made
        stays.
      </Confirm>
    </div>
  );
}

function ChangeRoles({ person, onSaved }: { person: Person; onSaved: () => Promise<unknown> }) {
  const { data: roles = [] } = useQuery(rolesQuery);
  const [chosen, choose] = useState(person.roles);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const same = [...chosen].sort().join() === [...person.roles].sort().join();
  return (
    <form
      className="stack"
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        setError(undefined);
        try {
          await call(`/api/identity/people/${person.id}`, { method: "PATCH", body: { roles: chosen } });
          await onSaved();
          notifications.show({ message: `${person.name} is now ${chosen.join(", ")}.` });
        } catch (failure) {
          setError(failure as Error);
        } finally {
          setBusy(false);
        }
      }}
    >
      <MultiSelect
        label="Roles"
        data={roles.map(({ name }) => name)}
        value={chosen}
        onChange={choose}
        error={chosen.length === 0 && "Choose at least one."}
      />
      {error && <Failure error={error} />}
      <div className="row">
        <Button type="submit" size="xs" loading={busy} disabled={same || chosen.length === 0}>
          Save roles
        </Button>
      </div>
    </form>
  );
}
