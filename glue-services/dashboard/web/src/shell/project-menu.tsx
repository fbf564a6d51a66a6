import { Menu, TextInput } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import type { Shared } from "../pages/projects/queries.ts";
import { Icon } from "../parts/icon.tsx";

/** Projects that are offered at a time; the field finds the others. */
const most = 10;

/** The projects to go to. @param current id or slug of the one whose page is open */
export default function ProjectMenu({ projects, current }: { projects: Shared[]; current: string | undefined }) {
  const { search } = useLocation();
  const [words, setWords] = useState("");
  const active = projects.filter(({ state }) => state === "active");
  const fits = ({ name, slug }: { name: string; slug: string }) =>
    `${name} ${slug}`.toLowerCase().includes(words.trim().toLowerCase());
  const shown = active.filter(fits).slice(0, most);
  const tab = current === undefined ? undefined : (search as { tab?: string }).tab;
  return (
    <>
      {active.length > most && (
        <TextInput
          size="xs"
          aria-label="Find a project"
          placeholder="Find a project"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      {shown.map(({ id, name: title }) => (
        <Menu.Item
          key={id}
          component={Link}
          to="/projects/$id"
          params={{ id } as never}
          search={{ tab } as never}
          rightSection={id === current && <Icon name="check" />}
        >
          {title}
        </Menu.Item>
      ))}
      {shown.length === 0 && <Menu.Label>{words === "" ? "No project yet" : "No results"}</Menu.Label>}
      <Menu.Divider />
      <Menu.Item component={Link} to="/projects" search={{} as never}>
        All projects
      </Menu.Item>
    </>
  );
}
