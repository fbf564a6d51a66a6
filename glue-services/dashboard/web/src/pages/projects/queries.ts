import { queryOptions, useQueryClient } from "@tanstack/react-query";
import type {
  ActivityTold,
  DocumentTold,
  ProjectTold,
  TaskTold,
  VersionTold,
} from "../../../../../knowledge/projects/schemas.ts";
import { call } from "../../api/call.ts";
import { useTopic } from "../../live/live.ts";

export type Project = ProjectTold;
export type Document = DocumentTold;
export type Version = VersionTold;
export type Task = TaskTold;
export type Activity = ActivityTold;

const base = "/api/knowledge";

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => call<Project[]>(`${base}/projects?archived=true`, { signal }),
});

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
}

export const changeTask = (id: string, change: object) =>
  call<Task>(`${base}/tasks/${id}`, { method: "PATCH", body: change });
export const addTask = (project: string, task: object) =>
  call<Task>(`${base}/projects/${project}/tasks`, { method: "POST", body: task });
