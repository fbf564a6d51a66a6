import { Menu, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useMay } from "../api/session.ts";
import { useSituation } from "../api/use-situation.ts";
import { sharedQuery } from "../pages/projects/queries.ts";
import { Icon } from "../parts/icon.tsx";

/** Fetched when it is opened: the first page does without it. */
const ProjectMenu = lazy(() => import("./project-menu.tsx"));

/** Goes from project to project, from every page; on a project's page to the same tab of another. */
export function ProjectSwitch() {
  const there = useSituation()?.context.answers.includes("/api/projects") === true;
  const may = useMay("projects:read");
  const { pathname } = useLocation();
  const [opened, setOpened] = useState(false);
  const current = /^\/projects\/([^/]+)/.exec(pathname)?.[1];
  const { data: projects = [] } = useQuery({
    ...sharedQuery,
    enabled: there && may && (opened || current !== undefined),
  });
  if (!there || !may) return null;
  const name = projects.find(({ id, slug }) => id === current || slug === current)?.name ?? "Projects";
  return (
    <Menu position="bottom-start" width={260} opened={opened} onChange={setOpened}>
      <Menu.Target>
        <UnstyledButton className="organisation project-switch" title={name}>
          <span className="visually-hidden">Project: </span>
          <span className="organisation-name">{name}</span> <Icon name="down" size={12} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Suspense>
          <ProjectMenu projects={projects} current={current} />
        </Suspense>
      </Menu.Dropdown>
    </Menu>
  );
}
