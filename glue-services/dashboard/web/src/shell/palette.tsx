import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Found, Kind } from "../../../../kit/find/find.ts";
import { call } from "../api/call.ts";
import { docsQuery, statusQuery } from "../api/queries.ts";
import { useSituation } from "../api/use-situation.ts";
import { featuresOf } from "../features.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { makingFor, mayRestart } from "./palette-actions.ts";
import { paletteStore, selectFirst } from "./palette-store.ts";
import { signOut, switchOrganisation } from "./session-actions.ts";

const things: Record<Kind, { group: string; icon: IconName }> = {
  project: { group: "Projects", icon: "projects" },
  task: { group: "Tasks", icon: "check" },
  document: { group: "Documents", icon: "docs" },
  person: { group: "People", icon: "people" },
  repository: { group: "Repositories", icon: "code" },
  source: { group: "Knowledge sources", icon: "knowledge" },
  page: { group: "Knowledge pages", icon: "docs" },
  key: { group: "API keys", icon: "keys" },
};

/** Every page, thing, component, document and command by a few letters. */
export function Palette() {
  const navigate = useNavigate();
  const situation = useSituation();
  const [words, setWords] = useState("");
  const [restarting, restart] = useState<string>();
  const { data: status } = useQuery(statusQuery);
  const { data: docs } = useQuery(docsQuery);
  const { setColorScheme } = useMantineColorScheme();
  const found = useFound(words.trim());
  // Spotlight selects at each letter, but what is found comes after it, often into a list that was not there before.
  useEffect(() => {
    if (words && found.data) selectFirst();
  }, [words, found.data]);
  const go = (to: string, search?: Record<string, string>) => () =>
    void navigate({ to, search: (search ?? {}) as never });
  // A page of ours with its search, or another program's in a tab of its own.
  const open = (path: string) => () =>
    path.startsWith("/") ? void navigate({ href: path }) : void window.open(path, "_blank", "noreferrer");

  const pages = situation ? featuresOf(situation) : [];
  const components = status?.components ?? [];
  const me = situation?.me;
  // What is only wanted by name would bury everything else before a letter is typed.
  const asked = words.trim() !== "";
  const groups: SpotlightActionGroupData[] = [
    {
      group: "Pages",
      actions: pages.map(({ path, title, icon, keywords }) => ({
        id: `page ${path}`,
        label: title,
        keywords: keywords ?? "",
        leftSection: <Icon name={icon} />,
        onClick: go(path),
      })),
    },
    {
      group: "Actions",
      actions: [
        ...(situation ? makingFor(situation) : []).map(({ label, keywords, icon, path, search }) => ({
          id: `make ${label}`,
          label,
          keywords,
          leftSection: <Icon name={icon} />,
          onClick: go(path, search),
        })),
        ...(asked && situation && mayRestart(situation)
          ? components
              .flatMap(({ processes }) => processes)
              .map(({ name }) => ({
                id: `restart ${name}`,
                label: `Restart ${name}`,
                leftSection: <Icon name="restart" />,
                onClick: () => restart(name),
              }))
          : []),
        ...(asked && me ? me.organisations.filter(({ id }) => id !== me.organisation) : []).map((organisation) => ({
          id: `switch ${organisation.id}`,
          label: `Switch to ${organisation.name}`,
          keywords: "organisation",
          leftSection: <Icon name="organisations" />,
          onClick: () => me && void switchOrganisation(organisation, me),
        })),
        ...(asked && me
          ? [{ id: "sign out", label: "Sign out", keywords: "log out leave", onClick: () => void signOut() }]
          : []),
      ],
    },
    ...(asked ? thingsFound(found.data ?? [], open) : []),
    {
      group: "Components",
      actions: components.map(({ name, state }) => ({
        id: `component ${name}`,
        label: name,
        keywords: "component logs",
        leftSection: <StateMark state={state} quiet />,
        onClick: go(`/components/${name}`),
      })),
    },
    {
      group: "Documentation",
      actions: (docs ?? []).map(({ path, title }) => ({
        id: `doc ${path}`,
        label: title,
        leftSection: <Icon name="docs" />,
        onClick: go(`/docs/${path}`),
      })),
    },
    {
      group: "Appearance",
      actions: [
        { id: "dark", label: "Use dark colours", keywords: "theme appearance", onClick: () => setColorScheme("dark") },
        {
          id: "light",
          label: "Use light colours",
          keywords: "theme appearance",
          onClick: () => setColorScheme("light"),
        },
        { id: "auto", label: "Use the system's colours", keywords: "theme", onClick: () => setColorScheme("auto") },
      ].map((one) => ({ ...one, leftSection: <Icon name="sun" /> })),
    },
  ];
  return (
    <>
      <Spotlight
        store={paletteStore}
        actions={groups.filter(({ actions }) => actions.length > 0)}
        query={words}
        onQueryChange={setWords}
        shortcut={["mod + K"]}
        tagsToIgnore={[]}
        nothingFound={found.isFetching ? "Searching" : "No results"}
        highlightQuery
        limit={30}
        scrollable
        maxHeight={420}
        transitionProps={{ duration: 80 }}
        attributes={{ content: { "aria-label": "Command palette" } }}
        searchProps={{
          leftSection: <Icon name="search" />,
          placeholder: "Page, person, project, repository, command",
          "aria-label": "Search or jump to",
        }}
      />
      {restarting && (
        <Confirm
          opened
          onClose={() => restart(undefined)}
          title={`Restart ${restarting}?`}
          action="Restart"
          command={`./devflow restart ${restarting}`}
          run={async () => {
            await call(`/api/platform/processes/${restarting}/restart`, { method: "POST" });
            notifications.show({ message: `${restarting} is restarting.` });
          }}
        >
          Whoever uses it now has to wait until it is ready again. Its data stays.
        </Confirm>
      )}
    </>
  );
}

/** Things of the platform whose name holds the words; asked once the fingers rest. */
function useFound(words: string) {
  const [settled] = useDebouncedValue(words, 150);
  return useQuery({
    queryKey: ["find", settled],
    queryFn: ({ signal }) => call<Found[]>(`/api/platform/find?q=${encodeURIComponent(settled)}`, { signal }),
    enabled: settled.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
}

function thingsFound(found: readonly Found[], open: (path: string) => () => void): SpotlightActionGroupData[] {
  return [...Map.groupBy(found, ({ kind }) => kind)].map(([kind, some]) => ({
    group: things[kind].group,
    actions: some.map(
      ({ id, title, detail, path }): SpotlightActionData => ({
        id: `${kind} ${id}`,
        label: title,
        ...(detail && { description: detail }),
        leftSection: <Icon name={things[kind].icon} />,
        onClick: open(path),
      }),
    ),
  }));
}
