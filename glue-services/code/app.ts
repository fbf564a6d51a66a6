import type { App, Service } from "../kit/index.ts";
import type { GiteaAccount } from "./contract.ts";
import { feedOf } from "./feed.ts";
import { actingIn } from "./gitea/acting.ts";
import { openTokens } from "./gitea/tokens.ts";
import type { Code } from "./tools/code.ts";
import { issueTools } from "./tools/issues.ts";
import { pullRequestTools } from "./tools/pull-requests.ts";
import { repositoryTools } from "./tools/repositories.ts";

/** What agents may do in the platform's Git hosting, each as the person it works for. */
export function code(gitea: GiteaAccount): Service {
  let made: Code | undefined;
  const mounted = () => {
    if (!made) throw new Error("The service is not mounted yet.");
    return made;
  };
  return {
    name: "code",
    feed: feedOf(mounted),
    tools: [...repositoryTools(mounted), ...issueTools(mounted), ...pullRequestTools(mounted)],
    register(app: App) {
      const tokens = openTokens(gitea);
      made = { publicUrl: gitea.publicUrl, ...actingIn(gitea, tokens) };
      app.addHook("onClose", () => tokens.close());
    },
  };
}
