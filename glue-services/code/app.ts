import type { App, Service } from "../kit/index.ts";
import type { GiteaAccount } from "./contract.ts";
import { feedOf } from "./feed.ts";
import { findOf } from "./find.ts";
import { actingIn } from "./gitea/acting.ts";
import { openTokens } from "./gitea/tokens.ts";
import { codeRoutes } from "./routes.ts";
import type { Code } from "./tools/code.ts";
import { issueTools } from "./tools/issues.ts";
import { pullRequestTools } from "./tools/pull-requests.ts";
import { repositoryTools } from "./tools/repositories.ts";

/** Git hosting: what agents may do there, each as the person it works for, and what the dashboard shows of it. */
export function code(gitea: GiteaAccount): Service {
  let made: Code | undefined;
  const mounted = () => {
    if (!made) throw new Error("The service is not mounted yet.");
    return made;
  };
  return {
    name: "code",
    feed: feedOf(mounted),
    find: findOf(mounted),
    tools: [...repositoryTools(mounted), ...issueTools(mounted), ...pullRequestTools(mounted)],
    register(app: App) {
      const tokens = openTokens(gitea);
      made = { publicUrl: gitea.publicUrl, ...actingIn(gitea, tokens) };
      codeRoutes(app, gitea, made);
      app.addHook("onClose", () => tokens.close());
    },
  };
}
