import { Menu, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/session.ts";
import { useSituation } from "../api/use-situation.ts";
import { sharedQuery } from "../pages/projects/queries.ts";
import { Icon } from "../parts/icon.tsx";

/** Projects that are offered at a time; the field finds the others. */
const most = 10;

/** Goes from project to project, from every page; on a project's page to the same tab of another. */
export function ProjectSwitch() {
  const there = useSituation()?.context.answers.includes("/api/projects") === true;
  const may = useMay("projects:read");
  const { pathname, search } = useLocation();
  const [opened, setOpened] = useState(false);
  const [words, setWords] = useState("");
  const current = /^\/projects\/([^/]+)/.exec(pathname)?.[1];
  const { data: projects = [] } = useQuery({
    ...sharedQuery,
    enabled: there && may && (opened || current !== undefined),
  });
  if (!there || !may) return null;
  const active = projects.filter(({ state }) => state === "active");
  const fits = ({ name, slug }: { name: string; slug: string }) =>
    `${name} ${slug}`.toLowerCase().includes(words.trim().toLowerCase());
  const shown = active.filter(fits).slice(0, most);
  const name = projects.find(({ id, slug }) => id === current || slug === current)?.name ?? "Projects";
  const tab = current === undefined ? undefined : (search as { tab?: string }).tab;
  return (
    <Menu position="bottom-start" width={260} opened={opened} onChange={setOpened}>
      <Menu.Target>
        <UnstyledButton className="organisation project-switch" title={name}>
          <span className="visually-hidden">Project: </span>
          <span className="organisation-name">{name}</span> <Icon name="down" size={12} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
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
      </Menu.Dropdown>
    </Menu>
  );
}
