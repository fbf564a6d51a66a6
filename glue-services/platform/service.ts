import { Type } from "typebox";
import { declareService, resource } from "../kit/declare/index.ts";

export const service = declareService({
  name: "platform",
  title: "Platform",
  description: "How the platform is, its runs and logs, and its documentation.",
  group: "core",
  memory: 10,
  needs: {
    supervisor: Type.Optional(resource.supervisor),
    runs: Type.Optional(resource.runs),
    metricsServer: Type.Optional(resource.metricsServer),
    docs: Type.Optional(resource.docs),
    webApp: Type.Optional(resource.webApp),
  },
  settings: {},
  scopes: {},
  pages: [
    {
      path: "/runs",
      component: "runs",
      title: "Runs",
      icon: "runs",
      product: "platform",
      keywords: "up down plan history install",
      administrator: true,
    },
    { path: "/runs/$id", component: "run", title: "Run", icon: "runs", product: "platform", administrator: true },
    {
      path: "/events",
      component: "events",
      title: "Events",
      icon: "events",
      product: "platform",
      keywords: "dead letters retry outbox",
      administrator: true,
    },
  ],
  async load({ stack, resources: { webApp, metricsServer, supervisor, runs, docs } }) {
    const [{ platform }, { shellIn }] = await Promise.all([import("./app.ts"), import("../dashboard/contract.ts")]);
    return platform({
      ...{ version: stack.version, publicUrl: stack.publicUrl, addresses: {} },
      ...{ supervisor, runs, docs, prometheus: metricsServer },
      shell: webApp === undefined ? undefined : (await shellIn(webApp)).send,
    });
  },
});
