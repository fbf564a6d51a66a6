import { declareService, resource } from "../kit/declare/index.ts";

export const service = declareService({
  name: "dashboard",
  title: "Dashboard",
  description: "The web app.",
  group: "core",
  memory: 4,
  needs: { webApp: resource.webApp },
  settings: {},
  scopes: {},
  async load({ stack, resources: { webApp } }) {
    const [{ dashboard }, { shellIn }] = await Promise.all([import("./app.ts"), import("./shell.ts")]);
    return dashboard({ shell: await shellIn(webApp), ...stack });
  },
});
