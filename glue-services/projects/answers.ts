import type { Answers, Database } from "../kit/index.ts";
import { demandRole, demandState, readProject, visibleProjects } from "./access.ts";
import { type projectsContract, whoOf } from "./contract.ts";
import { archiveProject, changeProject, createProject, removeProject } from "./projects.ts";

/** What the service answers to others, as its contract says. */
export function projectsAnswers(
  database: Database,
  tell: (organisation: string) => void,
): Answers<typeof projectsContract.calls> {
  const telling = async <Result>(organisation: string, work: Promise<Result>): Promise<Result> => {
    const done = await work;
    tell(organisation);
    return done;
  };
  return {
    visible: ({ who }) => visibleProjects(database, whoOf(who)),
    async demand({ who, project, role, states = role === "viewer" ? ["active", "archived"] : ["active"] }) {
      const found = await readProject(database, whoOf(who), project);
      demandRole(found, role);
      demandState(found, states);
      return found;
    },
    create: ({ who, given }) => telling(who.organisation, createProject(database, whoOf(who), given)),
    change: ({ who, project, change }) =>
      telling(who.organisation, changeProject(database, whoOf(who), project, change)),
    archive: ({ who, project, archived }) =>
      telling(who.organisation, archiveProject(database, whoOf(who), project, archived)),
    async remove({ who, project }) {
      await telling(who.organisation, removeProject(database, whoOf(who), project));
      return null;
    },
  };
}
