import { randomBytes } from "node:crypto";
import { Type } from "typebox";
import { ApiError, type App, type Identity, readJson } from "../kit/index.ts";
import type { GiteaRepository } from "./gitea/repository.ts";
import { type GiteaAccount, giteaRequest } from "./gitea/request.ts";
import { GitToken, RepositoriesTold, type RepositoryTold } from "./schemas.ts";
import { type Code, inRepository } from "./tools/code.ts";

const tags = ["code"];
/** Repositories of one answer, and of those the ones whose checks are asked for. */
const most = 50;
const checked = 20;
/** Milliseconds that a page waits for Gitea. */
const patience = 15_000;
/** Clone, fetch and push, and nothing else of the person's account. */
const scopes = ["write:repository"];

/** What the dashboard shows of Git hosting, and what a person needs to push. */
export function codeRoutes(app: App, gitea: GiteaAccount, code: Code): void {
  app.get(
    "/api/code/repositories",
    {
      auth: { scope: "code:read" },
      schema: {
        tags,
        summary: "Repositories that the caller may see, the last changed first",
        response: { 200: RepositoriesTold },
      },
    },
    async ({ identity }) => {
      const signal = AbortSignal.timeout(patience);
      const acting = await code.as(identity, "read", signal);
      const query = { private: true, sort: "updated", order: "desc", limit: most };
      const { data, total } = await acting.ask<{ data: GiteaRepository[] }>({
        path: ["repos", "search"],
        query,
        signal,
      });
      const repositories = await Promise.all(
        data.data.map(async (one, at): Promise<RepositoryTold> => {
          const checks = at < checked && !one.empty ? await checksOf(one) : null;
          return { ...told(one), checks };
        }),
      );
      return { account: acting.login ?? null, repositories, total: total ?? repositories.length };

      async function checksOf({ full_name, default_branch }: GiteaRepository): Promise<RepositoryTold["checks"]> {
        const path = inRepository(full_name, "commits", default_branch, "status");
        // One whose branch is gone, or that changed meanwhile, is listed all the same.
        const answer = await acting.ask<{ state: string; total_count: number }>({ path, signal }).catch((error) => {
          if (error instanceof ApiError) return undefined;
          throw error;
        });
        const state = answer?.data.total_count ? answer.data.state : "";
        return states.find((known) => known === state) ?? null;
      }
    },
  );

  app.post(
    "/api/code/tokens",
    {
      auth: { scope: "code:write" },
      schema: {
        tags,
        summary: "Make a token with which git clones and pushes as the caller; it is shown this once",
        response: { 201: GitToken },
      },
    },
    async (request, reply) => {
      const { identity } = request;
      requireSession(identity);
      const signal = AbortSignal.timeout(patience);
      const { login } = await code.as(identity, "write", signal);
      if (!login) throw new ApiError("FORBIDDEN", "You have no account in Git hosting yet.");
      const name = `git-${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString("hex")}`;
      await app.audited(request, { action: "git-token.made", target: name, details: { account: login, scopes } });
      const { status, text } = await giteaRequest(gitea, basic(gitea), {
        ...{ method: "POST", path: ["users", login, "tokens"], body: { name, scopes }, signal },
      });
      if (status !== 201) throw new ApiError("UNAVAILABLE", `Git hosting answered ${status} when a token was made.`);
      const made = readJson(MadeToken, text);
      if (!made) throw new ApiError("UNAVAILABLE", "Git hosting made a token and did not say it.");
      return reply.code(201).send({ account: login, name, token: made.sha1, scopes });
    },
  );

  function told(one: GiteaRepository) {
    return {
      repository: one.full_name,
      description: one.description,
      private: one.private,
      archived: one.archived,
      empty: one.empty,
      branch: one.default_branch,
      openPullRequests: one.open_pr_counter,
      openIssues: one.open_issues_count,
      updatedAt: one.updated_at,
      address: `${gitea.publicUrl}/${one.full_name}`,
      clone: `${gitea.publicUrl}/${one.full_name}.git`,
    };
  }
}

const states = ["success", "pending", "failure", "error", "warning"] as const;

/** A key must not become a credential that outlives it. */
function requireSession({ via }: Identity): void {
  if (via === "session") return;
  throw new ApiError("FORBIDDEN", "Only somebody who is signed in makes a token for git.", {
    hint: "Sign in to the dashboard and open Code.",
  });
}

function basic({ user, password }: GiteaAccount): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** What Gitea answers when it made a token: the only time that it says it. */
const MadeToken = Type.Object({ sha1: Type.String({ minLength: 1 }) });
