import { type Static, Type } from "typebox";
import type { Identity } from "../kit/index.ts";

const Maybe = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time" });
const Id = Type.String({ format: "uuid" });
const strict = { additionalProperties: false };

/** Each may do what those before it may. */
export const roles = ["viewer", "member", "maintainer", "owner"] as const;
export const Role = Type.Enum([...roles], {
  description:
    "viewer: sees; member: works on what is in it; maintainer: changes it, its members and keys; owner: deletes it.",
});
export type Role = (typeof roles)[number];
export const Everyone = Type.Union([Type.Literal("viewer"), Type.Literal("member"), Type.Null()], {
  description:
    "Role of everyone in the organisation who is not a member of the project; null: only its members know of it.",
});
export const states = ["active", "archived", "deleting"] as const;
export const State = Type.Enum([...states]);
export type State = (typeof states)[number];

export const Name = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
export const Slug = Type.String({
  minLength: 1,
  maxLength: 60,
  pattern: "^[a-z0-9]+(-[a-z0-9]+)*$",
  description: "Its name in addresses: small letters, digits and single dashes; unique in the organisation.",
});
const Description = Type.String({ maxLength: 20_000 });

export const ProjectShown = Type.Object({
  id: Id,
  name: Type.String(),
  slug: Type.String(),
  description: Type.String(),
  state: State,
  everyone: Everyone,
  role: Role,
  members: Type.Integer({ description: "People who are members of it by themselves." }),
  revision: Type.Integer({ description: "Grows with each change that other services follow." }),
  createdAt: Time,
  changedAt: Time,
});
export type ProjectShown = Static<typeof ProjectShown>;

export const ProjectGiven = Type.Object(
  {
    name: Name,
    slug: Type.Optional(Slug),
    description: Type.Optional(Description),
    everyone: Type.Optional(Everyone),
  },
  strict,
);
export type ProjectGiven = Static<typeof ProjectGiven>;
export const ProjectChange = Type.Partial(ProjectGiven, { ...strict, minProperties: 1 });
export type ProjectChange = Static<typeof ProjectChange>;

export const ByProject = Type.Object({
  project: Type.String({ minLength: 1, maxLength: 60, description: "Its id or slug." }),
});
export const Wanted = Type.Object({
  words: Type.Optional(Type.String({ maxLength: 200, description: "Occur in its name, slug or description." })),
  state: Type.Optional(State),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 1000 }),
});
export type Wanted = Static<typeof Wanted>;

export const kinds = ["create", "rename", "archive", "restore", "delete"] as const;
export const Kind = Type.Enum([...kinds]);
export type Kind = (typeof kinds)[number];

export const PartShown = Type.Object({
  service: Type.String(),
  state: Type.Enum(["waiting", "failing", "failed", "done", "given-up"], {
    description:
      "waiting: was asked; failing: is tried again by itself; failed: waits for a retry; given-up: nobody waits for it any more.",
  }),
  remaining: Maybe(Type.String({ description: "What the service says is still to be done." })),
  problem: Maybe(Type.String({ description: "Why its last attempt failed." })),
  answeredAt: Maybe(Time),
});
export type PartShown = Static<typeof PartShown>;
export const ChangeShown = Type.Object({
  id: Id,
  project: Id,
  name: Type.String({ description: "Of the project, when it was asked for." }),
  kind: Kind,
  state: Type.Enum(["running", "done"]),
  askedAt: Time,
  askedBy: Maybe(Id),
  endedAt: Maybe(Time),
  parts: Type.Array(PartShown),
});
export type ChangeShown = Static<typeof ChangeShown>;

export const MemberShown = Type.Object({ person: Id, role: Role, addedAt: Time });
export type MemberShown = Static<typeof MemberShown>;
export const MemberGiven = Type.Object({ role: Role }, strict);

export const EnvironmentName = Type.String({
  pattern: "^(production|staging|preview/[1-9][0-9]{0,8})$",
  description: "production, staging, or preview/ and a number.",
});
export const EnvironmentShown = Type.Object({ id: Id, name: EnvironmentName, createdAt: Time });
export type EnvironmentShown = Static<typeof EnvironmentShown>;

/** Something that a product says of a project on its page. */
export const Fact = Type.Object({
  product: Type.String(),
  title: Type.String(),
  value: Type.String(),
  path: Type.Optional(Type.String({ description: "Page of the dashboard that shows it." })),
});
export type Fact = Static<typeof Fact>;

export const ActivityShown = Type.Object({
  id: Type.String(),
  at: Time,
  service: Type.String(),
  action: Type.String(),
  who: Maybe(Type.String()),
  target: Maybe(Type.String()),
});
export type ActivityShown = Static<typeof ActivityShown>;

/** Who asks: a request's identity. */
export type Who = Pick<Identity, "organisation" | "person" | "scopes">;
