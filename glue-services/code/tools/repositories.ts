import { Type } from "typebox";
import { ApiError, type Tool, tool } from "../../kit/index.ts";
import type { GiteaRepository } from "../gitea/repository.ts";
import { type Account, type Code, cut, inRepository, Limit, Page, paged, Repository, read, Words } from "./code.ts";

/** Characters of a file that one call answers. */
const piece = 30_000;

interface Told extends GiteaRepository {
  owner: Account;
  permissions?: { push: boolean };
}

interface Entry {
  name: string;
  path: string;
  type: string;
  size: number;
  encoding: string | null;
  content: string | null;
  target: string | null;
  last_commit_sha: string;
}

/** Repositories and what stands in them. */
export function repositoryTools(mounted: () => Code): Tool[] {
  return [
    tool({
      name: "find_repositories",
      title: "Find repositories",
      description: `Repositories of the platform's Git hosting that you may see, the last changed first, with how many issues and pull requests are open.
With repository: that one, and its branches.`,
      input: Type.Object({
        repository: Type.Optional(Repository),
        words: Words,
        page: Page,
        limit: Limit,
      }),
      ...read,
      async call({ repository, words, page = 1, limit = 20 }, { identity, signal }) {
        const code = mounted();
        const gitea = await code.as(identity, "read", signal);
        if (!repository) {
          const query = { q: words, private: true, sort: "updated", order: "desc", page, limit };
          const { data, total } = await gitea.ask<{ data: Told[] }>({ path: ["repos", "search"], query, signal });
          const repositories = data.data.map((one) => told(code, one));
          return { data: { repositories, ...paged(total, page, limit, repositories.length) } };
        }
        const { data } = await gitea.ask<Told>({ path: inRepository(repository), signal });
        const branches = data.empty
          ? { data: [], total: 0 }
          : await gitea.ask<{ name: string; commit: { id: string }; protected: boolean }[]>({
              path: inRepository(repository, "branches"),
              query: { page, limit },
              signal,
            });
        return {
          data: {
            repository: told(code, data),
            branches: branches.data.map((one) => ({
              name: one.name,
              commit: one.commit.id,
              ...(one.protected && { protected: true }),
            })),
            ...paged(branches.total, page, limit, branches.data.length),
          },
        };
      },
    }),
    tool({
      name: "read_repository",
      title: "Read a file or folder",
      description: `A file of a repository with its lines' range, or what a folder holds; without path the uppermost folder. ref is a branch, tag or commit; without it the repository's own branch.
A long file comes in parts: pass the line it ended at, plus one, as from_line. To find something by words or meaning in repositories that were added as sources, use search_knowledge.`,
      input: Type.Object({
        repository: Repository,
        path: Type.Optional(Type.String({ maxLength: 1000 })),
        ref: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
        from_line: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      ...read,
      async call({ repository, path = "", ref, from_line = 1 }, { identity, signal }) {
        const gitea = await mounted().as(identity, "read", signal);
        const parts = path.replace(/^\/+|\/+$/g, "");
        const { data } = await gitea.ask<Entry | Entry[]>({
          path: inRepository(repository, "contents", ...(parts === "" ? [] : parts.split("/"))),
          query: { ref },
          signal,
          most: 16 * 1024 * 1024,
        });
        return Array.isArray(data) ? folder(data) : { text: file(data, from_line) };
      },
    }),
  ];
}

/** Entries of a folder that one call answers. */
const entries = 1000;

function folder(all: readonly Entry[]) {
  const shown = all.slice(0, entries).map(({ path, type, size }) => ({ path, type, ...(type === "file" && { size }) }));
  const note = all.length > entries && `These are the first ${entries} of ${all.length}.`;
  return { data: { entries: shown, ...(note && { note }) } };
}

function file({ path, type, size, content, encoding, target, last_commit_sha }: Entry, from: number): string {
  if (type === "symlink") return `${path} is a link to ${target}.`;
  if (type === "submodule") return `${path} is a repository of its own that is bound in.`;
  if (content === null || encoding !== "base64") {
    throw new ApiError("TOO_LARGE", `${path} has ${size} bytes, more than can be read.`);
  }
  const bytes = Buffer.from(content, "base64");
  if (bytes.subarray(0, 8000).includes(0)) return `${path} is no text; it has ${size} bytes.`;
  const lines = bytes.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const part: string[] = [];
  let length = 0;
  for (const line of lines.slice(from - 1)) {
    if (length + line.length > piece && part.length > 0) break;
    part.push(cut(line, piece));
    length += line.length + 1;
  }
  const last = from - 1 + part.length;
  const more = last < lines.length ? `\n\n(The file goes on at line ${last + 1}.)` : "";
  const range = part.length === 0 ? "No lines" : `Lines ${from}-${last}`;
  return `${path}\nLast changed by ${last_commit_sha.slice(0, 12)}\n${range} of ${lines.length}\n\n${part.join("\n")}${more}`;
}

function told({ publicUrl }: Code, one: Told) {
  return {
    repository: one.full_name,
    ...(one.description !== "" && { description: one.description }),
    private: one.private,
    ...(one.archived && { archived: true }),
    ...(one.empty && { empty: true }),
    branch: one.default_branch,
    openIssues: one.open_issues_count,
    openPullRequests: one.open_pr_counter,
    updatedAt: one.updated_at,
    mayWrite: one.permissions?.push ?? false,
    address: `${publicUrl}/${one.full_name}`,
  };
}
