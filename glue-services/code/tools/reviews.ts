import { type Static, Type } from "typebox";
import { ApiError } from "../../kit/index.ts";
import type { DiffFile } from "../diff/parse.ts";
import { linesShown } from "../diff/show.ts";
import type { Acting } from "../gitea/acting.ts";
import { type Account, cut, inRepository } from "./code.ts";

export const Verdict = Type.Union([Type.Literal("approve"), Type.Literal("request_changes"), Type.Literal("comment")], {
  description: "comment by default.",
});

const Line = Type.Optional(Type.Integer({ minimum: 1 }));
export const Comments = Type.Array(
  Type.Object({
    path: Type.String({ minLength: 1, maxLength: 1000 }),
    line: Line,
    old_line: Line,
    body: Type.String({ minLength: 1, maxLength: 20_000, description: "Markdown." }),
  }),
  { maxItems: 50, description: "Each with line, the number after the change, or old_line, of a removed line." },
);

interface Review {
  id: number;
  user: Account | null;
  state: string;
  body: string;
  stale: boolean;
  dismissed: boolean;
  comments_count: number;
  submitted_at: string;
}

interface ReviewComment {
  id: number;
  user: Account | null;
  body: string;
  path: string;
  position: number;
  original_position: number;
  created_at: string;
}

/** Reviews that are answered with one pull request, the newest. */
const most = 20;

export async function reviewsOf(gitea: Acting, repository: string, number: number, signal: AbortSignal) {
  const path = inRepository(repository, "pulls", number, "reviews");
  const first = await gitea.ask<Review[]>({ path, query: { limit: most }, signal });
  const last = Math.ceil((first.total ?? 0) / most);
  const newest = last > 1 ? await gitea.ask<Review[]>({ path, query: { limit: most, page: last }, signal }) : first;
  return Promise.all(
    newest.data
      .filter(({ state }) => state !== "PENDING")
      .map(async ({ id, user, state, body, stale, dismissed, comments_count, submitted_at }) => ({
        by: user?.login ?? null,
        verdict: state.toLowerCase(),
        at: submitted_at,
        ...(stale && { stale }),
        ...(dismissed && { dismissed }),
        ...(body !== "" && { text: cut(body) }),
        ...(comments_count > 0 && { comments: await commentsAt(gitea, [...path, id], signal) }),
      })),
  );
}

async function commentsAt(gitea: Acting, review: (string | number)[], signal: AbortSignal) {
  const { data } = await gitea.ask<ReviewComment[]>({ path: [...review, "comments"], signal });
  return data
    .sort((one, other) => one.id - other.id)
    .slice(0, 100)
    .map(({ user, body, path, position, original_position, created_at }) => ({
      path,
      ...(position > 0 ? { line: position } : { old_line: original_position }),
      by: user?.login ?? null,
      at: created_at,
      text: cut(body),
    }));
}

/** @throws ApiError INVALID when a comment is on a line that the diff does not show; then nothing was written */
export async function addReview(
  gitea: Acting,
  repository: string,
  number: number,
  given: {
    verdict?: Static<typeof Verdict> | undefined;
    body?: string | undefined;
    comments?: Static<typeof Comments> | undefined;
    files: readonly DiffFile[];
    commit: string;
  },
  signal: AbortSignal,
) {
  const { verdict = "comment", body = "", comments = [], files, commit } = given;
  if (verdict !== "approve" && body.trim() === "" && comments.length === 0) {
    throw new ApiError("INVALID", "To review, give body or comments.");
  }
  const { data } = await gitea.ask<Review>({
    method: "POST",
    path: inRepository(repository, "pulls", number, "reviews"),
    body: {
      // Without an event it would be a draft that nobody sees.
      event: { approve: "APPROVED", request_changes: "REQUEST_CHANGES", comment: "COMMENT" }[verdict],
      commit_id: commit,
      body,
      comments: comments.map((one) => placed(one, files)),
    },
    signal,
  });
  return { verdict: data.state.toLowerCase(), at: data.submitted_at, comments: data.comments_count };
}

function placed({ path, line, old_line, body }: Static<typeof Comments>[number], files: readonly DiffFile[]) {
  if ((line === undefined) === (old_line === undefined)) {
    throw new ApiError("INVALID", `The comment on ${path} needs line or old_line, one of them.`);
  }
  const file = files.find((one) => one.path === path);
  if (!file) {
    const changed = files.map((one) => one.path).join(", ");
    throw new ApiError("INVALID", `The pull request does not change ${path}.`, {
      hint: cut(`It changes ${changed}.`, 1000),
    });
  }
  const side = line === undefined ? "old" : "new";
  const wanted = line ?? old_line;
  if (!file.lines.some((one) => one[side] === wanted)) {
    throw new ApiError("INVALID", `The diff of ${path} shows no ${side === "old" ? "old_line" : "line"} ${wanted}.`, {
      hint: cut(`It shows ${linesShown(file, side) || "none"}.`, 1000),
    });
  }
  return { path, body, ...(line !== undefined ? { new_position: line } : { old_position: old_line }) };
}
