import { queryOptions, useQueryClient } from "@tanstack/react-query";
import type {
  ActivityTold,
  DocumentTold,
  ProjectTold,
  TaskTold,
  VersionTold,
} from "../../../../../knowledge/projects/schemas.ts";
import type {
  ActivityShown,
  ChangeShown,
  EnvironmentShown,
  Fact,
  MemberShown,
  ProjectShown,
} from "../../../../../projects/schemas.ts";
import { call } from "../../api/call.ts";
import { useTopic } from "../../live/live.ts";

/** As the knowledge service has it: with its tasks and documents. */
export type Project = ProjectTold;
export type Shared = ProjectShown;
export type Document = DocumentTold;
export type Version = VersionTold;
export type Task = TaskTold;
export type Activity = ActivityTold;

const base = "/api/knowledge";

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => call<Project[]>(`${base}/projects?archived=true`, { signal }),
});

/** Every project that one may see. */
export const sharedQuery = queryOptions({
  queryKey: ["projects", "shared"],
  queryFn: ({ signal }) => call<Shared[]>("/api/projects", { signal }),
});

export const pathOf = (id: string, below = "") => `/api/projects/${encodeURIComponent(id)}${below}`;

const below = <Answer>(id: string, part: string) =>
  queryOptions({
    queryKey: ["projects", id, "shared", part],
    queryFn: ({ signal }) => call<Answer>(pathOf(id, part), { signal }),
  });

export const oneQuery = (id: string) => below<Shared>(id, "");
export const membersQuery = (id: string) => below<MemberShown[]>(id, "/members");
export const environmentsQuery = (id: string) => below<EnvironmentShown[]>(id, "/environments");
export const changesQuery = (id: string) => below<ChangeShown[]>(id, "/changes");
export const overviewQuery = (id: string) => below<{ facts: Fact[]; silent: string[] }>(id, "/overview");
export const projectActivityQuery = (id: string) => below<ActivityShown[]>(id, "/activity");

export const projectQuery = (id: string) =>
  queryOptions({
    queryKey: ["projects", id],
    queryFn: ({ signal }) => call<Project>(`${base}/projects/${encodeURIComponent(id)}`, { signal }),
  });

export const tasksQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "tasks"],
    queryFn: ({ signal }) => call<Task[]>(`${base}/projects/${encodeURIComponent(project)}/tasks`, { signal }),
  });

/** What happened to a task; it is read anew with everything else of the project. */
export const activityQuery = ({ id, project }: Task) =>
  queryOptions({
    queryKey: ["projects", project, "tasks", id, "activity"],
    queryFn: ({ signal }) => call<Activity[]>(`${base}/tasks/${id}/activity`, { signal }),
  });

export const documentsQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "documents"],
    queryFn: ({ signal }) => call<Document[]>(`${base}/projects/${encodeURIComponent(project)}/documents`, { signal }),
  });

export const versionsQuery = ({ id, project, version }: Document) =>
  queryOptions({
    queryKey: ["projects", project, "documents", id, version],
    queryFn: ({ signal }) => call<Version[]>(`${base}/documents/${id}/versions`, { signal }),
  });

/** What others, people or agents, change is seen as they do. */
export function useProjectsLive(): void {
  const client = useQueryClient();
  useTopic("knowledge", {
    message: (data) => {
      const { project } = data as { project?: string };
      if (!project) return;
      void client.invalidateQueries({ queryKey: ["projects", project] });
      void client.invalidateQueries({ queryKey: ["projects"], exact: true });
    },
    resync: () => void client.invalidateQueries({ queryKey: ["projects"] }),
  });
  // It does not say of which project: not everyone may know of it.
  const again = () => void client.invalidateQueries({ queryKey: ["projects"] });
  useTopic("projects", { message: again, resync: again });
}

export const changeTask = (id: string, change: object) =>
  call<Task>(`${base}/tasks/${id}`, { method: "PATCH", body: change });
export const addTask = (project: string, task: object) =>
  call<Task>(`${base}/projects/${project}/tasks`, { method: "POST", body: task });
