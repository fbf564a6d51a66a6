import { type Change, type Feed, holds, type Identity } from "../kit/index.ts";
import type { Code } from "./tools/code.ts";
import { inRepository } from "./tools/code.ts";

/** Repositories whose activity is read, the last changed first, and entries of each. */
const most = { repositories: 6, entries: 10 };
/** Milliseconds that one person's answer is kept: several pages ask for it at about the same time. */
const fresh = 5000;
const patience = 4000;

interface Repository {
  full_name: string;
  empty: boolean;
  permissions?: { push: boolean };
}
/** One entry of a repository's activity. Source: Gitea's API, `Activity`. */
interface Activity {
  id: number;
  op_type: string;
  act_user: { login: string; full_name: string } | null;
  repo: { full_name: string; html_url: string } | null;
  ref_name: string;
  content: string;
  created: string;
}

/** Operations of Gitea that people should hear of, in the words of the audit log. */
const actions: Record<string, string> = {
  create_repo: "repository.made",
  commit_repo: "repository.pushed",
  push_tag: "tag.pushed",
  publish_release: "release.published",
  create_issue: "issue.opened",
  close_issue: "issue.closed",
  create_pull_request: "pull-request.opened",
  merge_pull_request: "pull-request.merged",
  close_pull_request: "pull-request.closed",
};

/** Pushes, pull requests and issues, as the person sees them in Git hosting; whether they pushed a repository of theirs. */
export function feedOf(mounted: () => Code): Feed {
  const kept = new Map<string, { until: number; found: Promise<Repository[]> }>();
  return {
    async changes(_app, identity) {
      if (!reads(identity)) return [];
      const signal = AbortSignal.timeout(patience);
      const gitea = await mounted().as(identity, "read", signal);
      const latest = (await repositories(identity)).filter(({ empty }) => !empty).slice(0, most.repositories);
      const entries = await Promise.all(
        latest.map(({ full_name }) =>
          gitea.ask<Activity[]>({
            path: inRepository(full_name, "activities", "feeds"),
            query: { limit: most.entries },
            signal,
          }),
        ),
      );
      return entries.flatMap(({ data }) => data.flatMap(told)).sort((a, b) => b.at.localeCompare(a.at));
    },
    async steps(_app, identity) {
      if (!reads(identity)) return {};
      const found = await repositories(identity);
      return { push: found.some(({ empty, permissions }) => !empty && permissions?.push) };
    },
  };

  function repositories(identity: Identity): Promise<Repository[]> {
    const key = `${identity.organisation} ${identity.person}`;
    const known = kept.get(key);
    if (known && known.until > Date.now()) return known.found;
    for (const [old, { until }] of kept) if (until <= Date.now()) kept.delete(old);
    const found = search(identity);
    kept.set(key, { until: Date.now() + fresh, found });
    found.catch(() => kept.delete(key));
    return found;
  }

  async function search(identity: Identity): Promise<Repository[]> {
    const signal = AbortSignal.timeout(patience);
    const gitea = await mounted().as(identity, "read", signal);
    const query = { private: true, sort: "updated", order: "desc", limit: 50 };
    return (await gitea.ask<{ data: Repository[] }>({ path: ["repos", "search"], query, signal })).data.data;
  }
}

/** A key of an organisation is nobody in Git hosting. */
function reads(identity: Identity): boolean {
  return identity.person !== undefined && holds(identity, "code:read");
}

function told({ id, op_type, act_user, repo, ref_name, content, created }: Activity): Change[] {
  const action = actions[op_type];
  if (!action || !act_user || !repo) return [];
  const thing = /^\d+/.exec(content)?.[0];
  const about = action.startsWith("issue.") || action.startsWith("pull-request.");
  const branch = ref_name.replace(/^refs\/(heads|tags)\//, "");
  const pulls = action.startsWith("pull-request.") ? "pulls" : "issues";
  return [
    {
      id: `code ${id}`,
      at: new Date(created).toISOString(),
      who: act_user.full_name || act_user.login,
      action,
      target: about ? `${repo.full_name}#${thing}` : branch ? `${repo.full_name} (${branch})` : repo.full_name,
      path: about ? `${repo.html_url}/${pulls}/${thing}` : repo.html_url,
    },
  ];
}
