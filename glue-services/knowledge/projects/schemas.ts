import { type Static, Type } from "typebox";
import { Id, Maybe, Time } from "../schemas.ts";

export const Title = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
const Text = Type.String({ maxLength: 20_000 });
const strict = { additionalProperties: false };

export const Status = Type.Union([
  Type.Literal("todo"),
  Type.Literal("doing"),
  Type.Literal("review"),
  Type.Literal("done"),
]);
export type Status = Static<typeof Status>;
export const Priority = Type.Union([
  Type.Literal("low"),
  Type.Literal("medium"),
  Type.Literal("high"),
  Type.Literal("critical"),
]);
export const Assignee = Type.Object(
  {
    kind: Type.Union([Type.Literal("person"), Type.Literal("agent")]),
    id: Type.String({ minLength: 1, maxLength: 120, description: "Id of a person, or name of an agent." }),
  },
  strict,
);

export const ProjectGiven = Type.Object(
  {
    title: Title,
    description: Type.Optional(Text),
    repository: Type.Optional(Maybe(Type.String({ maxLength: 300 }))),
    sources: Type.Optional(Type.Array(Id, { maxItems: 200, description: "Sources that belong to it." })),
  },
  strict,
);
export const ProjectChange = Type.Object(
  { ...Type.Partial(ProjectGiven).properties, archived: Type.Optional(Type.Boolean()) },
  { ...strict, minProperties: 1 },
);
export const ProjectTold = Type.Object({
  id: Id,
  title: Type.String(),
  description: Type.String(),
  repository: Maybe(Type.String()),
  archived: Type.Boolean(),
  createdAt: Time,
  changedAt: Time,
  sources: Type.Array(Id),
  documents: Type.Integer(),
  tasks: Type.Object({ todo: Type.Integer(), doing: Type.Integer(), review: Type.Integer(), done: Type.Integer() }),
});
export type ProjectGiven = Static<typeof ProjectGiven>;
export type ProjectChange = Static<typeof ProjectChange>;
export type ProjectTold = Static<typeof ProjectTold>;

export const DocumentGiven = Type.Object(
  { title: Title, content: Type.String({ maxLength: 500_000, description: "Markdown." }) },
  strict,
);
export const DocumentChange = Type.Object(
  {
    title: Type.Optional(Title),
    content: Type.Optional(Type.String({ maxLength: 500_000 })),
    note: Type.Optional(Type.String({ maxLength: 500, description: "Why." })),
    version: Type.Integer({
      minimum: 1,
      description: "The version that was read: a change of an older one is refused.",
    }),
  },
  strict,
);
export const DocumentTold = Type.Object({
  id: Id,
  project: Id,
  title: Type.String(),
  content: Type.String(),
  version: Type.Integer(),
  changedAt: Time,
  changedBy: Maybe(Type.String()),
});
export const VersionTold = Type.Object({
  version: Type.Integer(),
  title: Type.String(),
  note: Type.String(),
  madeAt: Time,
  madeBy: Maybe(Type.String()),
});
export type DocumentGiven = Static<typeof DocumentGiven>;
export type DocumentChange = Static<typeof DocumentChange>;
export type DocumentTold = Static<typeof DocumentTold>;
export type VersionTold = Static<typeof VersionTold>;

export const Due = Type.String({ format: "date", description: "The day by which it is to be done: 2026-01-31." });

const taskFields = {
  title: Title,
  description: Text,
  status: Status,
  priority: Priority,
  labels: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 }),
  assignee: Maybe(Assignee),
  due: Maybe(Due),
  needs: Type.Array(Id, { maxItems: 50, description: "Tasks of the project that must be done before it." }),
};
export const TaskGiven = Type.Object({ ...Type.Partial(Type.Object(taskFields)).properties, title: Title }, strict);
export const TaskChange = Type.Object(
  {
    ...Type.Partial(Type.Object(taskFields)).properties,
    before: Type.Optional(
      Maybe(Type.String({ format: "uuid", description: "Put it before this task; null: at the end." })),
    ),
    archived: Type.Optional(Type.Boolean()),
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: "The version that was read; an older one is refused." }),
    ),
  },
  { ...strict, minProperties: 1 },
);
export const TaskTold = Type.Object({
  id: Id,
  project: Id,
  title: Type.String(),
  description: Type.String(),
  status: Status,
  priority: Priority,
  labels: Type.Array(Type.String()),
  assignee: Maybe(Assignee),
  due: Maybe(Type.String({ description: "A day: 2026-01-31." })),
  comments: Type.Integer(),
  needs: Type.Array(Id),
  blocked: Type.Boolean({ description: "Something it needs is not done yet." }),
  archived: Type.Boolean(),
  version: Type.Integer(),
  createdAt: Time,
  changedAt: Time,
});
export type TaskGiven = Static<typeof TaskGiven>;
export type TaskChange = Static<typeof TaskChange>;
export type TaskTold = Static<typeof TaskTold>;

/** What can happen to a task. `moved` is from one column to another. */
export const TaskEvent = Type.Union([
  Type.Literal("added"),
  Type.Literal("moved"),
  Type.Literal("assigned"),
  Type.Literal("changed"),
  Type.Literal("commented"),
  Type.Literal("removed"),
]);
export type TaskEvent = Static<typeof TaskEvent>;
export const CommentGiven = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 20_000, pattern: "\\S", description: "Markdown." }) },
  strict,
);
export const CommentTold = Type.Object({ id: Id });
export const ActivityTold = Type.Object({
  id: Type.String(),
  at: Time,
  event: TaskEvent,
  who: Type.Object({
    person: Maybe(Id),
    name: Maybe(Type.String()),
    program: Maybe(Type.String({ description: "The key or agent by which it was done." })),
  }),
  changes: Type.Array(Type.Object({ field: Type.String(), from: Maybe(Type.String()), to: Maybe(Type.String()) }), {
    description: "Fields as they were and are; of long texts neither.",
  }),
  comment: Maybe(
    Type.Object({
      id: Id,
      text: Type.String(),
      edited: Type.Boolean(),
      own: Type.Boolean({ description: "Whoever asks wrote it, and may change and delete it." }),
    }),
  ),
});
export type ActivityTold = Static<typeof ActivityTold>;
