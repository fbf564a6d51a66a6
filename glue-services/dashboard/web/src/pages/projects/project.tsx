import "../../style/knowledge.css";
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useAddress } from "../../parts/address.ts";
import { Answer } from "../../parts/answers.tsx";
import { Page } from "../../parts/page.tsx";
import { Board } from "./board.tsx";
import { Documents } from "./documents.tsx";
import { projectQuery, useProjectsLive } from "./queries.ts";

/** A project's board and documents. */
export function ProjectPage() {
  useProjectsLive();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const [tab, setTab] = useAddress("tab");
  const query = useQuery(projectQuery(id));
  return (
    <Answer query={query}>
      {(project) => (
        <Page title={project.title} lead={project.description}>
          <Tabs
            value={tab || "board"}
            onChange={(next) => setTab(next === "board" ? undefined : (next ?? undefined))}
            keepMounted={false}
          >
            <Tabs.List>
              <Tabs.Tab value="board">Board</Tabs.Tab>
              <Tabs.Tab value="documents">Documents</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="board">
              <Board project={id} />
            </Tabs.Panel>
            <Tabs.Panel value="documents">
              <Documents project={id} />
            </Tabs.Panel>
          </Tabs>
        </Page>
      )}
    </Answer>
  );
}
