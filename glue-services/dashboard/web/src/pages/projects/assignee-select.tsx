import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { peopleQuery } from "../../api/queries.ts";
import { useMay, useMe } from "../../api/session.ts";
import type { Task } from "./queries.ts";

type Assignee = Task["assignee"];

/** Who works on a task: people and agents in one list; an agent that is new here is typed. */
export function AssigneeSelect({
  value,
  tasks,
  onChange,
  disabled,
}: {
  value: Assignee;
  /** Their agents are offered. */
  tasks: readonly Task[];
  onChange: (assignee: Assignee) => void;
  disabled: boolean;
}) {
  const me = useMe();
  const people = useQuery({ ...peopleQuery, enabled: useMay("people:read") }).data ?? [];
  const [search, setSearch] = useState("");
  const others = people.filter(({ id, disabled: gone }) => id !== me?.person && !gone);
  const agents = new Set(
    [...tasks.map(({ assignee }) => assignee), value].flatMap((one) => (one?.kind === "agent" ? [one.id] : [])),
  );
  const typed = search.trim();
  const known = [...others.map(nameOf), ...agents];
  const isNew =
    typed !== "" && typed.length <= 120 && !known.some((one) => one.toLowerCase().includes(typed.toLowerCase()));
  const gone = value?.kind === "person" && value.id !== me?.person && !others.some(({ id }) => id === value.id);
  return (
    <Select
      label="Assignee"
      placeholder="Nobody"
      searchable
      clearable
      disabled={disabled}
      nothingFoundMessage="No results"
      maxDropdownHeight={280}
      data={[
        {
          group: "People",
          items: [
            ...(me?.person ? [{ value: `person ${me.person}`, label: `${me.name || me.email} (you)` }] : []),
            ...others.map((one) => ({ value: `person ${one.id}`, label: nameOf(one) })),
            ...(gone ? [{ value: `person ${value.id}`, label: "Somebody who is no longer here" }] : []),
          ],
        },
        {
          group: "Agents",
          items: [
            ...[...agents].map((id) => ({ value: `agent ${id}`, label: id })),
            ...(isNew ? [{ value: `agent ${typed}`, label: typed }] : []),
          ],
        },
      ]}
      value={value && `${value.kind} ${value.id}`}
      onSearchChange={setSearch}
      onChange={(next) => {
        const [kind, ...id] = next?.split(" ") ?? [];
        onChange(kind === "person" || kind === "agent" ? { kind, id: id.join(" ") } : null);
      }}
    />
  );
}

function nameOf({ name, email }: { name: string; email: string }): string {
  return name || email;
}
