import { Type } from "typebox";
import type { Knowledge } from "../knowledge.ts";
import {
  addDocument,
  changeDocument,
  findDocuments,
  listVersions,
  readDocument,
  readVersion,
  removeDocument,
  restoreVersion,
} from "../projects/documents.ts";
import { addProject, changeProject, findProjects, readProject, removeProject } from "../projects/projects.ts";
import * as S from "../projects/schemas.ts";
import { addTask, changeTask, findTasks, readTask, removeTask } from "../projects/tasks.ts";
import { ById, Id } from "../schemas.ts";

const tags = ["projects"];
const read = { scope: "projects:read" };
const write = { scope: "projects:write" };
const Gone = { 204: Type.Null() };

/** Projects with their documents and tasks. */
export function projectRoutes(knowledge: Knowledge): void {
  const { app, database } = knowledge;
  const tell = (identity: { organisation: string }, project: string) => knowledge.tell(identity, { project });

  const Wanted = Type.Object({
    words: Type.Optional(Type.String({ maxLength: 200 })),
    archived: Type.Optional(Type.Boolean()),
  });
  app.get(
    "/api/knowledge/projects",
    {
      auth: read,
      schema: {
        tags,
        summary: "Projects, the last changed first",
        querystring: Wanted,
        response: { 200: Type.Array(S.ProjectTold) },
      },
    },
    ({ identity, query }) => findProjects(database, identity, query),
  );
  app.post(
    "/api/knowledge/projects",
    {
      auth: write,
      schema: { tags, summary: "Begin a project", body: S.ProjectGiven, response: { 201: S.ProjectTold } },
    },
    async ({ identity, body }, reply) => {
      const project = await addProject(database, identity, body);
      tell(identity, project.id);
      return reply.code(201).send(project);
    },
  );
  app.get(
    "/api/knowledge/projects/:id",
    { auth: read, schema: { tags, summary: "One project", params: ById, response: { 200: S.ProjectTold } } },
    ({ identity, params }) => readProject(database, identity, params.id),
  );
  app.patch(
    "/api/knowledge/projects/:id",
    {
      auth: write,
      schema: {
        tags,
        summary: "Change a project",
        params: ById,
        body: S.ProjectChange,
        response: { 200: S.ProjectTold },
      },
    },
    async ({ identity, params, body }) => {
      const project = await changeProject(database, identity, params.id, body);
      tell(identity, params.id);
      return project;
    },
  );
  app.delete(
    "/api/knowledge/projects/:id",
    {
      auth: write,
      schema: {
        tags,
        summary: "Delete a project with its documents and tasks; its sources stay",
        params: ById,
        response: Gone,
      },
    },
    async ({ identity, params }, reply) => {
      await removeProject(database, identity, params.id);
      tell(identity, params.id);
      return reply.code(204).send(null);
    },
  );
  documentRoutes(knowledge, tell);
  taskRoutes(knowledge, tell);
}

type Tell = (identity: { organisation: string }, project: string) => void;

function documentRoutes({ app, database }: Knowledge, tell: Tell): void {
  const AtVersion = Type.Object({ id: Id, version: Type.Integer({ minimum: 1 }) });
  app.get(
    "/api/knowledge/projects/:id/documents",
    {
      auth: read,
      schema: { tags, summary: "Documents of a project", params: ById, response: { 200: Type.Array(S.DocumentTold) } },
    },
    ({ identity, params }) => findDocuments(database, identity, { project: params.id }),
  );
  app.post(
    "/api/knowledge/projects/:id/documents",
    {
      auth: write,
      bodyLimit: 2 * 1024 * 1024,
      schema: {
        tags,
        summary: "Add a document",
        params: ById,
        body: S.DocumentGiven,
        response: { 201: S.DocumentTold },
      },
    },
    async ({ identity, params, body }, reply) => {
      const document = await addDocument(database, identity, params.id, body);
      tell(identity, params.id);
      return reply.code(201).send(document);
    },
  );
  app.get(
    "/api/knowledge/documents/:id",
    { auth: read, schema: { tags, summary: "One document", params: ById, response: { 200: S.DocumentTold } } },
    ({ identity, params }) => readDocument(database, identity, params.id),
  );
  app.patch(
    "/api/knowledge/documents/:id",
    {
      auth: write,
      bodyLimit: 2 * 1024 * 1024,
      schema: {
        tags,
        summary: "Change a document; the former version is kept",
        params: ById,
        body: S.DocumentChange,
        response: { 200: S.DocumentTold },
      },
    },
    async ({ identity, params, body }) => {
      const document = await changeDocument(database, identity, params.id, body);
      tell(identity, document.project);
      return document;
    },
  );
  app.get(
    "/api/knowledge/documents/:id/versions",
    {
      auth: read,
      schema: {
        tags,
        summary: "Versions of a document, the newest first",
        params: ById,
        response: { 200: Type.Array(S.VersionTold) },
      },
    },
    ({ identity, params }) => listVersions(database, identity, params.id),
  );
  app.get(
    "/api/knowledge/documents/:id/versions/:version",
    {
      auth: read,
      schema: { tags, summary: "A former version", params: AtVersion, response: { 200: S.DocumentGiven } },
    },
    ({ identity, params }) => readVersion(database, identity, params.id, params.version),
  );
  app.post(
    "/api/knowledge/documents/:id/versions/:version/restore",
    {
      auth: write,
      schema: {
        tags,
        summary: "Make a former version the newest",
        params: AtVersion,
        response: { 200: S.DocumentTold },
      },
    },
    async ({ identity, params }) => {
      const document = await restoreVersion(database, identity, params.id, params.version);
      tell(identity, document.project);
      return document;
    },
  );
  app.delete(
    "/api/knowledge/documents/:id",
    { auth: write, schema: { tags, summary: "Delete a document and its versions", params: ById, response: Gone } },
    async ({ identity, params }, reply) => {
      const { project } = await readDocument(database, identity, params.id);
      await removeDocument(database, identity, params.id);
      tell(identity, project);
      return reply.code(204).send(null);
    },
  );
}

function taskRoutes({ app, database }: Knowledge, tell: Tell): void {
  const Wanted = Type.Object({
    status: Type.Optional(S.Status),
    assignee: Type.Optional(Type.String({ maxLength: 120 })),
    words: Type.Optional(Type.String({ maxLength: 200 })),
    archived: Type.Optional(Type.Boolean()),
    ready: Type.Optional(Type.Boolean({ description: "Only those that can be begun." })),
  });
  app.get(
    "/api/knowledge/projects/:id/tasks",
    {
      auth: read,
      schema: {
        tags,
        summary: "Tasks in the order of the board",
        params: ById,
        querystring: Wanted,
        response: { 200: Type.Array(S.TaskTold) },
      },
    },
    ({ identity, params, query }) => findTasks(database, identity, { project: params.id, ...query }),
  );
  app.post(
    "/api/knowledge/projects/:id/tasks",
    {
      auth: write,
      schema: { tags, summary: "Add a task", params: ById, body: S.TaskGiven, response: { 201: S.TaskTold } },
    },
    async ({ identity, params, body }, reply) => {
      const task = await addTask(database, identity, params.id, body);
      tell(identity, params.id);
      return reply.code(201).send(task);
    },
  );
  app.get(
    "/api/knowledge/tasks/:id",
    { auth: read, schema: { tags, summary: "One task", params: ById, response: { 200: S.TaskTold } } },
    ({ identity, params }) => readTask(database, identity, params.id),
  );
  app.patch(
    "/api/knowledge/tasks/:id",
    {
      auth: write,
      schema: {
        tags,
        summary: "Change or move a task",
        params: ById,
        body: S.TaskChange,
        response: { 200: S.TaskTold },
      },
    },
    async ({ identity, params, body }) => {
      const task = await changeTask(database, identity, params.id, body);
      tell(identity, task.project);
      return task;
    },
  );
  app.delete(
    "/api/knowledge/tasks/:id",
    { auth: write, schema: { tags, summary: "Delete a task", params: ById, response: Gone } },
    async ({ identity, params }, reply) => {
      tell(identity, await removeTask(database, identity, params.id));
      return reply.code(204).send(null);
    },
  );
}
