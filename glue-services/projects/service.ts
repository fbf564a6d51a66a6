import { declareService, resource } from "../kit/declare/index.ts";

export const service = declareService({
  name: "projects",
  title: "Projects",
  description: "The unit that all products share: projects of an organisation, their environments and members.",
  group: "core",
  memory: 4,
  needs: { database: resource.database },
  settings: {},
  scopes: {
    "projects:read": "Read projects, tasks and documents",
    "projects:write": "Change projects, tasks and documents",
    "projects:manage": "See and change every project of the organisation, whoever its members are",
  },
  async load() {
    const { projects } = await import("./app.ts");
    return projects();
  },
});
