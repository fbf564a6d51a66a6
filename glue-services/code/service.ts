import { declareService, resource } from "../kit/declare/index.ts";

export const service = declareService({
  name: "code",
  title: "Code",
  description: "Repositories, issues and pull requests of Git hosting, for agents and the dashboard.",
  group: "code",
  memory: 4,
  needs: { gitHosting: resource.gitHosting },
  settings: {},
  scopes: { "code:read": "Read repositories", "code:write": "Change repositories" },
  async load({ resources: { gitHosting } }) {
    const { code } = await import("./app.ts");
    return code(gitHosting);
  },
});
