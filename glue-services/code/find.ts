import type { Find } from "../kit/index.ts";
import { holds, mostOfKind } from "../kit/index.ts";
import type { Code } from "./tools/code.ts";

/** Repositories by a part of their name, as the person sees them in Git hosting. */
export function findOf(mounted: () => Code): Find {
  return async (_app, identity, words) => {
    if (!identity.person || !holds(identity, "code:read")) return [];
    const signal = AbortSignal.timeout(2000);
    const gitea = await mounted().as(identity, "read", signal);
    const query = { q: words, private: true, sort: "updated", order: "desc", limit: mostOfKind };
    const { data } = await gitea.ask<{ data: { id: number; full_name: string; html_url: string }[] }>({
      path: ["repos", "search"],
      query,
      signal,
    });
    return data.data.map(({ id, full_name, html_url }) => ({
      ...{ kind: "repository" as const, id: `${id}`, title: full_name, path: html_url },
    }));
  };
}
