import { ActionIcon, Button, Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { peopleQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Answer, Empty, Failure } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";
import { includes, roleChoices } from "./audiences.ts";
import { membersQuery, pathOf, type Shared } from "./queries.ts";

/** Who has a role in the project by themselves. */
export function ProjectMembers({ project }: { project: Shared }) {
  const client = useQueryClient();
  const query = useQuery(membersQuery(project.id));
  const { data: people = [] } = useQuery({ ...peopleQuery, enabled: useMay("people:read") });
  const manages = useMay("projects:write") && includes(project.role, "maintainer") && project.state === "active";
  const [failure, setFailure] = useState<Error>();
  const nameOf = (id: string) => people.find((one) => one.id === id)?.name ?? `Person ${id.slice(0, 8)}`;
  const send = async (person: string, role: string | null) => {
    setFailure(undefined);
    try {
      const path = pathOf(project.id, `/members/${person}`);
      await (role === null ? call(path, { method: "DELETE" }) : call(path, { method: "PUT", body: { role } }));
    } catch (error) {
      setFailure(error as Error);
    }
    await client.invalidateQueries({ queryKey: ["projects", project.id] });
  };
  return (
    <div className="stack project-tab">
      {failure && <Failure error={failure} />}
      <Answer query={query}>
        {(members) => (
          <>
            {manages && (
              <AddMember
                people={people.filter(({ id }) => !members.some(({ person }) => person === id))}
                add={(person, role) => send(person, role)}
              />
            )}
            {members.length === 0 && (
              <Empty title="Nobody by themselves">Everyone has the role that Settings says.</Empty>
            )}
            <ul className="project-parts">
              {members.map(({ person, role }) => (
                <li key={person}>
                  <span className="project-member">{nameOf(person)}</span>
                  {manages ? (
                    <>
                      <Select
                        size="xs"
                        aria-label={`Role of ${nameOf(person)}`}
                        data={roleChoices}
                        allowDeselect={false}
                        value={role}
                        onChange={(next) => next && void send(person, next)}
                      />
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Remove ${nameOf(person)}`}
                        onClick={() => void send(person, null)}
                      >
                        <Icon name="close" size={14} />
                      </ActionIcon>
                    </>
                  ) : (
                    <span className="quiet">{role}</span>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </Answer>
    </div>
  );
}

function AddMember({
  people,
  add,
}: {
  people: readonly { id: string; name: string; email: string }[];
  add: (person: string, role: string) => Promise<void>;
}) {
  const [person, setPerson] = useState<string | null>(null);
  const [role, setRole] = useState("member");
  return (
    <div className="row">
      <Select
        size="xs"
        aria-label="Person to add"
        placeholder="Person of the organisation"
        searchable
        data={people.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` }))}
        value={person}
        onChange={setPerson}
        nothingFoundMessage="Nobody else"
      />
      <Select
        size="xs"
        aria-label="Role to give"
        data={roleChoices}
        allowDeselect={false}
        value={role}
        onChange={(next) => next && setRole(next)}
      />
      <Button
        size="xs"
        disabled={person === null}
        onClick={async () => {
          if (person === null) return;
          await add(person, role);
          setPerson(null);
        }}
      >
        Add member
      </Button>
    </div>
  );
}
