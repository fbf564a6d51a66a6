import { Readable } from "node:stream";
import { ApiError } from "../../kit/index.ts";

/** How to reach the platform's Gitea as the account that the stack keeps for itself. */
export interface GiteaAccount {
  /** Behind the proxy. */
  url: string;
  /** Where people reach it. */
  publicUrl: string;
  user: string;
  password: string;
}

/** Repositories of the platform's Gitea, each only for those who may read it there. */
export interface GitAccess {
  /** `owner/name` of what somebody typed. @throws ApiError INVALID */
  repositoryOf(address: string): string;
  /** Where people see a file. */
  fileUrl(repository: string, commit: string, path: string): string;
  /** The latest commit of a branch, of the repository's own when none is named. @throws ApiError NOT_FOUND */
  head(
    repository: string,
    branch: string | undefined,
    signal: AbortSignal,
  ): Promise<{ branch: string; commit: string }>;
  /**
   * Whether a person may read it: the platform's account may read everything, so this must be asked first.
   *
   * @param person undefined for a machine, which reads what is public
   */
  mayRead(repository: string, person: string | undefined, signal: AbortSignal): Promise<boolean>;
  /** All files of a commit, as a gzipped tar. */
  archive(repository: string, commit: string, signal: AbortSignal): Promise<Readable>;
  /** Lets Gitea tell of pushes. Idempotent. */
  hook(repository: string, hook: { url: string; secret: string }, signal: AbortSignal): Promise<void>;
}

export function giteaAccess(gitea: GiteaAccount): GitAccess {
  return {
    repositoryOf(address) {
      const path = address
        .trim()
        .replace(new RegExp(`^(${escaped(gitea.publicUrl)}|${escaped(gitea.url)})/?`, "i"), "");
      const match = /^([\w.-]{1,100})\/([\w.-]{1,100}?)(?:\.git)?\/?$/.exec(path);
      if (match && !/^\.+$/.test(String(match[1])) && !/^\.+$/.test(String(match[2]))) return `${match[1]}/${match[2]}`;
      throw new ApiError("INVALID", `${address} is no repository of this platform.`, {
        hint: "Give owner/name, or the address of the repository's page. A repository elsewhere can be mirrored into Gitea first.",
      });
    },
    fileUrl: (repository, commit, path) =>
      `${gitea.publicUrl}/${repository}/src/commit/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`,
    async head(repository, branch, signal) {
      const own = branch ?? ((await call(`/repos/${repository}`, signal)) as { default_branch: string }).default_branch;
      const told = (await call(`/repos/${repository}/branches/${encodeURIComponent(own)}`, signal)) as {
        commit: { id: string };
      };
      return { branch: own, commit: told.commit.id };
    },
    async mayRead(repository, person, signal) {
      const told = (await call(`/repos/${repository}`, signal)) as { private: boolean; internal?: boolean };
      if (!told.private) return true;
      if (!person) return false;
      const query = new URLSearchParams({ login_name: person, limit: "2" });
      const accounts = (await call(`/admin/users?${query}`, signal)) as { login: string; login_name: string }[];
      const account = accounts.find((one) => one.login_name === person);
      if (!account) return false;
      const path = `/repos/${repository}/collaborators/${encodeURIComponent(account.login)}/permission`;
      const { permission } = (await call(path, signal)) as { permission: string };
      return permission !== "none";
    },
    async archive(repository, commit, signal) {
      const answer = await ask(`/repos/${repository}/archive/${commit}.tar.gz`, signal);
      if (!answer.body) throw new Error("Gitea answered an archive without a body.");
      return Readable.fromWeb(answer.body as never);
    },
    async hook(repository, { url, secret }, signal) {
      const hooks = (await call(`/repos/${repository}/hooks?limit=50`, signal)) as {
        id: number;
        config: { url?: string };
      }[];
      const { pathname } = new URL(url);
      const config = { url, content_type: "json", secret };
      const settings = { active: true, events: ["push"], config };
      const former = hooks.filter((one) => one.config.url?.endsWith(pathname));
      if (former.some((one) => one.config.url === url)) return;
      // The platform has moved to another address.
      if (former[0]) await ask(`/repos/${repository}/hooks/${former[0].id}`, signal, settings, "PATCH");
      else await ask(`/repos/${repository}/hooks`, signal, { type: "gitea", ...settings });
    },
  };

  async function call(path: string, signal: AbortSignal): Promise<unknown> {
    return (await ask(path, signal)).json();
  }

  async function ask(path: string, signal: AbortSignal, body?: object, method = "POST"): Promise<Response> {
    const answer = await fetch(`${gitea.url}/api/v1${path}`, {
      method: body ? method : "GET",
      headers: {
        authorization: `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`,
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(120_000)]),
    }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new ApiError("UNAVAILABLE", "Gitea does not answer.", { cause: error });
    });
    if (answer.ok) return answer;
    await answer.body?.cancel();
    if (answer.status === 404) throw new ApiError("NOT_FOUND", "There is no such repository or branch.");
    throw new ApiError("UNAVAILABLE", `Gitea answered ${answer.status}.`);
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
