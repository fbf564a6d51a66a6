import { Readable } from "node:stream";
import {
  type Account,
  type Asked,
  accountQuery,
  type GiteaAccount,
  giteaRequest,
  ownAccount,
} from "../../code/contract.ts";
import { ApiError } from "../../kit/index.ts";

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
  const basic = `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`;
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
      const own = branch ?? (await ask<{ default_branch: string }>({ path: at(repository), signal })).default_branch;
      const told = await ask<{ commit: { id: string } }>({ path: at(repository, "branches", own), signal });
      return { branch: own, commit: told.commit.id };
    },
    async mayRead(repository, person, signal) {
      // The platform's account learns from this whether it exists at all.
      await ask({ path: at(repository), signal });
      // Whether the code is theirs to read is Gitea's to say, who knows of organisations, teams and units: its answer to
      // the person, or to nobody, is taken, and what a repository says of itself is not.
      const asked = { path: at(repository, "branches"), signal };
      const anyone = await giteaRequest(gitea, undefined, { ...asked, query: { limit: 1 } });
      if (allowed(anyone.status)) return true;
      if (!person) return false;
      const query = accountQuery(person);
      const account = ownAccount(await ask<Account[]>({ path: ["admin", "users"], query, signal }), person);
      if (!account || account.prohibit_login || !account.active) return false;
      const own = await giteaRequest(gitea, basic, { ...asked, query: { limit: 1, sudo: account.login } });
      return allowed(own.status);
    },
    async archive(repository, commit, signal) {
      const answer = await fetch(`${gitea.url}/api/v1/repos/${repository}/archive/${commit}.tar.gz`, {
        headers: { authorization: basic },
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(120_000)]),
      }).catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new ApiError("UNAVAILABLE", "Gitea does not answer.", { cause: error });
      });
      if (answer.ok && answer.body) return Readable.fromWeb(answer.body as never);
      await answer.body?.cancel();
      throw refused(answer.status);
    },
    async hook(repository, { url, secret }, signal) {
      const path = at(repository, "hooks");
      type Hook = { id: number; config: { url?: string } };
      const hooks = await ask<Hook[]>({ path, query: { limit: 50 }, signal });
      const { pathname } = new URL(url);
      const former = hooks.filter((one) => one.config.url?.endsWith(pathname));
      if (former.some((one) => one.config.url === url)) return;
      const body = { active: true, events: ["push"], config: { url, content_type: "json", secret } };
      // The platform has moved to another address.
      if (former[0]) await ask({ method: "PATCH", path: [...path, former[0].id], body, signal });
      else await ask({ method: "POST", path, body: { type: "gitea", ...body }, signal });
    },
  };

  async function ask<Data>(asked: Asked): Promise<Data> {
    const { status, text } = await giteaRequest(gitea, basic, asked);
    if (status >= 300) throw refused(status);
    return JSON.parse(text) as Data;
  }
}

/** Whether Gitea let somebody see it. @throws ApiError UNAVAILABLE when it said neither yes nor no */
function allowed(status: number): boolean {
  if (status === 200) return true;
  if (status === 401 || status === 403 || status === 404) return false;
  throw refused(status);
}

/** The parts of the API's path that name a repository, and what follows. */
function at(repository: string, ...rest: (string | number)[]): (string | number)[] {
  return ["repos", ...repository.split("/"), ...rest];
}

/** A repository that was renamed answers with where it is now. */
function refused(status: number): ApiError {
  if (status === 404 || status < 400) return new ApiError("NOT_FOUND", "There is no such repository or branch.");
  return new ApiError("UNAVAILABLE", `Gitea answered ${status}.`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
