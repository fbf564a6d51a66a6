import { Type } from "typebox";
import { ApiError, type Tool, tool } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { activityOf } from "../projects/activity.ts";
import { addComment } from "../projects/comments.ts";
import {
  addDocument,
  changeDocument,
  findDocuments,
  listVersions,
  readDocument,
  removeDocument,
  restoreVersion,
} from "../projects/documents.ts";
import { addProject, changeProject, findProjects, removeProject } from "../projects/projects.ts";
import { Assignee, Due, Priority, Status, Title } from "../projects/schemas.ts";
import { addTask, changeTask, findTasks, removeTask } from "../projects/tasks.ts";
import { Limit, Uuid, Words } from "./inputs.ts";

const Action = Type.Union([Type.Literal("create"), Type.Literal("update"), Type.Literal("delete")]);
const read = { scope: "projects:read", readOnly: true };
const write = { scope: "projects:write", destructive: true };

/** What agents plan and write down: pairs of find and manage, so that there are few. */
export function projectTools(mounted: () => Knowledge): Tool[] {
  const need = <T>(value: T | undefined, what: string, action: string): T => {
    if (value === undefined) throw new ApiError("INVALID", `To ${action} it, give ${what}.`);
    return value;
  };
  return [
    tool({
      name: "find_projects",
      title: "Find projects",
      description:
        "Projects with their sources and how many tasks each column of the board has. Without arguments: all that are not archived.",
      input: Type.Object({
        project: Type.Optional(Uuid("One project.")),
        words: Words,
        archived: Type.Optional(Type.Boolean()),
      }),
      ...read,
      async call({ project, words, archived }, { identity }) {
        return {
          data: { projects: await findProjects(mounted(), identity, { id: project, words, archived }) },
        };
      },
    }),
    tool({
      name: "manage_project",
      title: "Create, change or delete a project",
      description: `"create" needs a title; "update" changes what is given; "delete" also deletes its documents and tasks, so archive it instead unless you were told to delete.`,
      input: Type.Object({
        action: Action,
        project: Type.Optional(Uuid("For update and delete.")),
        title: Type.Optional(Title),
        description: Type.Optional(Type.String({ maxLength: 20_000 })),
        repository: Type.Optional(Type.String({ maxLength: 300 })),
        sources: Type.Optional(Type.Array(Uuid("A source."), { description: "All sources that belong to it." })),
        archived: Type.Optional(Type.Boolean()),
      }),
      ...write,
      async call({ action, project, archived, ...fields }, { identity }) {
        const on = mounted();
        const { tell } = on;
        if (action === "create") {
          const made = await addProject(on, identity, { ...fields, title: need(fields.title, "title", action) });
          tell(identity, { project: made.id });
          return { data: { project: made } };
        }
        const id = need(project, "project", action);
        tell(identity, { project: id });
        if (action === "delete") {
          await removeProject(on, identity, id);
          return { data: { deleted: id } };
        }
        const change = { ...fields, ...(archived !== undefined && { archived }) };
        return { data: { project: await changeProject(on, identity, id, change) } };
      },
    }),
    tool({
      name: "find_documents",
      title: "Find or read documents",
      description:
        "Documents of a project: designs, notes, plans. With document: that one with its text and its versions; otherwise a list without texts.",
      input: Type.Object({
        document: Type.Optional(Uuid("One document, in full.")),
        project: Type.Optional(Uuid("Only of this project.")),
        words: Words,
      }),
      ...read,
      async call({ document, project, words }, { identity }) {
        const on = mounted();
        if (document) {
          const versions = await listVersions(on, identity, document);
          return { data: { document: await readDocument(on, identity, document), versions } };
        }
        const found = await findDocuments(on, identity, { project, words });
        return { data: { documents: found.map(({ content, ...rest }) => ({ ...rest, characters: content.length })) } };
      },
    }),
    tool({
      name: "manage_document",
      title: "Write, restore or delete a document",
      description: `"create" needs project, title and content. "update" needs document and the version you read, so that nobody's change is lost; content replaces the whole text. "restore" makes former version restore_version the newest. Every version is kept.`,
      input: Type.Object({
        action: Type.Union([...Action.anyOf, Type.Literal("restore")]),
        document: Type.Optional(Uuid("For all actions but create.")),
        project: Type.Optional(Uuid("For create.")),
        title: Type.Optional(Title),
        content: Type.Optional(Type.String({ maxLength: 500_000, description: "Markdown." })),
        note: Type.Optional(Type.String({ maxLength: 500, description: "What changed and why." })),
        version: Type.Optional(Type.Integer({ minimum: 1 })),
        restore_version: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      ...write,
      async call({ action, document, project, restore_version, version, title, content, note }, { identity }) {
        const on = mounted();
        const { tell } = on;
        if (action === "create") {
          const given = { title: need(title, "title", action), content: need(content, "content", action) };
          const made = await addDocument(on, identity, need(project, "project", action), given);
          tell(identity, { project: made.project });
          return { data: { document: { id: made.id, version: made.version } } };
        }
        const id = need(document, "document", action);
        if (action === "delete") {
          await removeDocument(on, identity, id);
          return { data: { deleted: id } };
        }
        const changed =
          action === "restore"
            ? await restoreVersion(on, identity, id, need(restore_version, "restore_version", action), version)
            : await changeDocument(on, identity, id, {
                version: need(version, "version", action),
                ...(title && { title }),
                ...(content !== undefined && { content }),
                ...(note && { note }),
              });
        tell(identity, { project: changed.project });
        return { data: { document: { id, version: changed.version } } };
      },
    }),
    tool({
      name: "find_tasks",
      title: "Find tasks",
      description: `Tasks in the order of the board. ready true: only those in todo that nothing blocks, the ones to take next. assignee is a person's id or an agent's name. With task: that one, with its history and comments.`,
      input: Type.Object({
        task: Type.Optional(Uuid("One task.")),
        project: Type.Optional(Uuid("Only of this project.")),
        status: Type.Optional(Status),
        assignee: Type.Optional(Type.String({ maxLength: 120 })),
        ready: Type.Optional(Type.Boolean()),
        due_by: Type.Optional(Due),
        words: Words,
        limit: Limit(50, 200),
      }),
      ...read,
      async call({ task, limit = 50, due_by: dueBy, ...wanted }, { identity }) {
        const on = mounted();
        const tasks = await findTasks(on, identity, { id: task, limit, dueBy, ...wanted });
        return { data: { tasks, ...(task && tasks[0] && { activity: await activityOf(on, identity, task) }) } };
      },
    }),
    tool({
      name: "manage_task",
      title: "Create, change, comment on or delete a task",
      description: `"create" needs project and title. "update" changes what is given: move a task on the board by status, and within a column by before. Set yourself as assignee ({kind: "agent", id: your name}) and status "doing" before you work on it, "review" when it is ready to be looked at. needs names tasks that must be done first. "comment" says something about it: what you found, what you ask, what you did.`,
      input: Type.Object({
        action: Type.Union([...Action.anyOf, Type.Literal("comment")]),
        task: Type.Optional(Uuid("For all actions but create.")),
        project: Type.Optional(Uuid("For create.")),
        title: Type.Optional(Title),
        description: Type.Optional(Type.String({ maxLength: 20_000 })),
        status: Type.Optional(Status),
        priority: Type.Optional(Priority),
        labels: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 })),
        assignee: Type.Optional(Type.Union([Assignee, Type.Null()])),
        due: Type.Optional(Type.Union([Due, Type.Null()])),
        comment: Type.Optional(
          Type.String({ minLength: 1, maxLength: 20_000, pattern: "\\S", description: "Markdown." }),
        ),
        needs: Type.Optional(Type.Array(Uuid("A task."), { maxItems: 50 })),
        before: Type.Optional(Type.Union([Uuid("Put it before this task."), Type.Null()])),
        archived: Type.Optional(Type.Boolean()),
        version: Type.Optional(
          Type.Integer({ minimum: 1, description: "The version you read: an older one is refused." }),
        ),
      }),
      ...write,
      async call({ action, task, project, before, archived, version, comment, ...fields }, { identity }) {
        const on = mounted();
        const { tell } = on;
        if (action === "create") {
          const given = { ...fields, title: need(fields.title, "title", action) };
          const made = await addTask(on, identity, need(project, "project", action), given);
          tell(identity, { project: made.project });
          return { data: { task: made } };
        }
        const id = need(task, "task", action);
        if (action === "delete") {
          tell(identity, { project: await removeTask(on, identity, id) });
          return { data: { deleted: id } };
        }
        if (action === "comment") {
          const said = await addComment(on, identity, id, need(comment, "comment", action));
          tell(identity, { project: said.project });
          return { data: { comment: said.id } };
        }
        const change = {
          ...fields,
          ...(before !== undefined && { before }),
          ...(archived !== undefined && { archived }),
          ...(version !== undefined && { version }),
        };
        const changed = await changeTask(on, identity, id, change);
        tell(identity, { project: changed.project });
        return { data: { task: changed } };
      },
    }),
  ];
}
