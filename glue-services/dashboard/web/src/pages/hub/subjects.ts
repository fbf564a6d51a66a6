import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { peopleQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { useSituation } from "../../api/use-situation.ts";
import { stateOf } from "../../parts/key-page.tsx";
import { projectsQuery } from "../projects/queries.ts";
import { type VirtualKey, virtualKeysQuery } from "./queries.ts";

/** Whom a budget can be for or a call can be by, with the names people know them by. */
export interface Subjects {
  /** Undefined where they cannot be listed: not here, or not by this person. */
  choices(level: string): { value: string; label: string }[] | undefined;
  nameOf(id: string): string;
}

export function useSubjects(): Subjects {
  const situation = useSituation();
  const mayPeople = useMay("people:read");
  const mayProjects = useMay("projects:read") && situation?.context.answers.includes("/api/knowledge/sources") === true;
  const keys = useQuery(virtualKeysQuery).data;
  const people = useQuery({ ...peopleQuery, enabled: mayPeople }).data;
  const projects = useQuery({ ...projectsQuery, enabled: mayProjects }).data;
  return useMemo(() => {
    const names = new Map([
      ...(keys ?? []).map(({ id, name }): [string, string] => [id, name]),
      ...(people ?? []).map(({ id, name, email }): [string, string] => [id, name || email]),
      ...(projects ?? []).map(({ id, title }): [string, string] => [id, title]),
    ]);
    return {
      choices: (level) => ({ key: keysOf(keys), person: peopleOf(people), project: projectsOf(projects) })[level],
      nameOf: (id) => names.get(id) ?? id.slice(0, 8),
    };
  }, [keys, people, projects]);
}

function keysOf(keys: readonly VirtualKey[] | undefined) {
  return keys
    ?.filter((key) => stateOf(key) === "active")
    .map(({ id, name, start }) => ({ value: id, label: `${name} (${start}…)` }));
}

function peopleOf(people: readonly { id: string; name: string; email: string }[] | undefined) {
  return people?.map(({ id, name, email }) => ({ value: id, label: name ? `${name} (${email})` : email }));
}

function projectsOf(projects: readonly { id: string; title: string; archivedAt?: string | null }[] | undefined) {
  return projects?.filter(({ archivedAt }) => !archivedAt).map(({ id, title }) => ({ value: id, label: title }));
}
