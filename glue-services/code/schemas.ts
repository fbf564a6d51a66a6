import { type Static, Type } from "typebox";

/** A repository as the dashboard lists it. */
export const RepositoryTold = Type.Object({
  /** As owner/name. */
  repository: Type.String(),
  description: Type.String(),
  private: Type.Boolean(),
  archived: Type.Boolean(),
  /** Without a commit yet. */
  empty: Type.Boolean(),
  branch: Type.String(),
  openPullRequests: Type.Integer(),
  openIssues: Type.Integer(),
  /** When it was pushed to or its settings changed, as Gitea says. */
  updatedAt: Type.String(),
  /** Of the checks on the newest commit of its branch; null where there are none, or the list is too long to ask. */
  checks: Type.Union([
    Type.Literal("success"),
    Type.Literal("pending"),
    Type.Literal("failure"),
    Type.Literal("error"),
    Type.Literal("warning"),
    Type.Null(),
  ]),
  /** Its page. */
  address: Type.String(),
  /** What `git clone` takes. */
  clone: Type.String(),
});
export type RepositoryTold = Static<typeof RepositoryTold>;

export const RepositoriesTold = Type.Object({
  /** The caller's account there; null before their first sign-on. */
  account: Type.Union([Type.String(), Type.Null()]),
  repositories: Type.Array(RepositoryTold),
  /** How many there are; the list holds the last changed of them. */
  total: Type.Integer(),
});
export type RepositoriesTold = Static<typeof RepositoriesTold>;

/** A token that git takes as password; it is shown this once. */
export const GitToken = Type.Object({
  account: Type.String(),
  name: Type.String(),
  token: Type.String(),
  /** What it may do, in Gitea's words. */
  scopes: Type.Array(Type.String()),
});
export type GitToken = Static<typeof GitToken>;
