import { Type } from "typebox";
import { ApiError } from "../../kit/index.ts";
import type { ActingIn } from "../gitea/acting.ts";

/** What the service's tools share; made once, when it is mounted. */
export interface Code extends ActingIn {
  /** Where people reach Git hosting. */
  publicUrl: string;
}

export const read = { scope: "code:read", readOnly: true };
export const write = { scope: "code:write", destructive: true };

export const Repository = Type.String({
  pattern: "^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$",
  description: 'As owner/name, such as "platform/website".',
});
export const Num = (description: string) => Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description });
export const Page = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 10_000, description: "Which part of a long list; 1 by default." }),
);
export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 50, description: "How many at most; 20 by default." }),
);
export const Words = Type.Optional(
  Type.String({ minLength: 1, maxLength: 200, description: "Only those with these." }),
);
export const State = Type.Optional(
  Type.Union([Type.Literal("open"), Type.Literal("closed"), Type.Literal("all")], { description: "open by default." }),
);
export const Title = Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: "\\S" }));
export const Body = Type.Optional(Type.String({ maxLength: 60_000, description: "Markdown." }));
/** Names of people are Gitea's, which are those of the platform. */
export const Names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 50, description }));

/** Parts of Gitea's answers. */
export interface Account {
  login: string;
}
export interface Comment {
  id: number;
  user: Account | null;
  body: string;
  created_at: string;
}

/** The parts of a path that name a repository. */
export function inRepository(repository: string, ...rest: (string | number)[]): (string | number)[] {
  return ["repos", ...repository.split("/"), ...rest];
}

/** A list's part with what is needed to ask for the next. */
export function paged(all: number | undefined, page: number, limit: number, got: number) {
  const more = all === undefined ? got === limit : page * limit < all;
  return { ...(all !== undefined && { total: all }), page, more };
}

/** Characters of one text that are answered. */
const longest = 20_000;

export function cut(text: string | null | undefined, most = longest): string {
  const all = text ?? "";
  return all.length <= most ? all : `${all.slice(0, most)}\n… (${all.length - most} more characters)`;
}

export function comment({ id, user, body, created_at }: Comment) {
  return { id, by: user?.login ?? null, at: created_at, text: cut(body) };
}

/** @throws ApiError INVALID */
export function need<Value>(value: Value | undefined, what: string, action: string): Value {
  if (value === undefined) throw new ApiError("INVALID", `To ${action}, give ${what}.`);
  return value;
}
