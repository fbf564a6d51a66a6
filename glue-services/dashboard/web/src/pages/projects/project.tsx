import "../../style/knowledge.css";
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Problem } from "../../api/call.ts";
import { useSituation } from "../../api/use-situation.ts";
import { useAddress } from "../../parts/address.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { Board } from "./board.tsx";
import { Documents } from "./documents.tsx";
import { ProjectActivity } from "./project-activity.tsx";
import { ProjectMembers } from "./project-members.tsx";
import { ProjectOverview } from "./project-overview.tsx";
import { ProjectSettings } from "./project-settings.tsx";
import { oneQuery, useProjectsLive } from "./queries.ts";
import { Unfinished } from "./unfinished.tsx";

/** A project across all products. */
export function ProjectPage() {
  useProjectsLive();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const [tab, setTab] = useAddress("tab");
  const [task] = useAddress("task");
  const situation = useSituation();
  const query = useQuery(oneQuery(id));
  const hasKnowledge = situation?.context.answers.includes("/api/knowledge/sources") === true;
  if (query.data && query.error instanceof Problem && query.error.status === 404) {
    return (
      <Page title={query.data.name}>
        <Empty title="This project is gone" action={<Link to="/projects">All projects</Link>}>
          It was deleted with all that services kept of it, or you may not see it any more.
        </Empty>
      </Page>
    );
  }
  return (
    <Answer query={query}>
      {(project) => (
        <Page
          title={project.name}
          lead={project.description}
          actions={project.state !== "active" && <StateMark state={project.state} />}
        >
          <Unfinished project={project} />
          {project.state !== "deleting" && (
            <Tabs
              value={tab || (task ? "board" : "overview")}
              onChange={(next) => setTab(next === "overview" ? undefined : (next ?? undefined))}
              keepMounted={false}
            >
              <Tabs.List>
                <Tabs.Tab value="overview">Overview</Tabs.Tab>
                {hasKnowledge && <Tabs.Tab value="board">Board</Tabs.Tab>}
                {hasKnowledge && <Tabs.Tab value="documents">Documents</Tabs.Tab>}
                <Tabs.Tab value="members">Members</Tabs.Tab>
                <Tabs.Tab value="activity">Activity</Tabs.Tab>
                <Tabs.Tab value="settings">Settings</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="overview">
                <ProjectOverview project={project} />
              </Tabs.Panel>
              <Tabs.Panel value="board">
                <Board project={project.id} />
              </Tabs.Panel>
              <Tabs.Panel value="documents">
                <Documents project={project.id} />
              </Tabs.Panel>
              <Tabs.Panel value="members">
                <ProjectMembers project={project} />
              </Tabs.Panel>
              <Tabs.Panel value="activity">
                <ProjectActivity project={project.id} />
              </Tabs.Panel>
              <Tabs.Panel value="settings">
                <ProjectSettings key={project.changedAt} project={project} />
              </Tabs.Panel>
            </Tabs>
          )}
        </Page>
      )}
    </Answer>
  );
}
