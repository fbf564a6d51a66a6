import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { docsQuery, statusQuery } from "../api/queries.ts";
import { useSituation } from "../api/use-situation.ts";
import { featuresOf } from "../features.ts";
import { Icon } from "../parts/icon.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { paletteStore } from "./palette-store.ts";

/** Every page, component and command by a few letters. */
export function Palette() {
  const navigate = useNavigate();
  const situation = useSituation();
  const { data: status } = useQuery(statusQuery);
  const { data: docs } = useQuery(docsQuery);
  const { setColorScheme } = useMantineColorScheme();
  const go = (to: string, search?: Record<string, string>) => () =>
    void navigate({ to, search: (search ?? {}) as never });

  const pages = situation ? featuresOf(situation) : [];
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
      group: "Components",
      actions: (status?.components ?? []).flatMap(({ name, state }): SpotlightActionData[] => [
        {
          id: `component ${name}`,
          label: name,
          keywords: "component logs",
          leftSection: <StateMark state={state} quiet />,
          onClick: go(`/components/${name}`),
        },
      ]),
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
      group: "Commands",
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
    <Spotlight
      store={paletteStore}
      actions={groups.filter(({ actions }) => actions.length > 0)}
      shortcut={["mod + K"]}
      nothingFound="No results"
      highlightQuery
      limit={12}
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 80 }}
      searchProps={{
        leftSection: <Icon name="search" />,
        placeholder: "Page, component, document or command",
        "aria-label": "Search or jump to",
      }}
    />
  );
}
