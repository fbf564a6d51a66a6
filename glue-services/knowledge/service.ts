import { Type } from "typebox";
import { declareService, resource } from "../kit/declare/index.ts";
import { brokenHost, KnowledgeSettings } from "./configuration.ts";

export const service = declareService({
  name: "knowledge",
  title: "Knowledge",
  description: "Sites, repositories and files of an organisation, searched and asked; tasks and documents of projects.",
  group: "work",
  memory: 14,
  needs: {
    database: resource.database,
    gitHosting: Type.Optional(resource.gitHosting),
    searchServer: Type.Optional(resource.searchServer),
    readingMemory: Type.Optional(
      Type.Integer({ minimum: 64, description: "MiB that the processes which read files may take in all." }),
    ),
  },
  settings: { knowledge: KnowledgeSettings },
  checks: [
    {
      path: "knowledge.allow",
      allowed: "hosts, addresses and ranges that exist, with ports up to 65535",
      broken: ({ knowledge }) => knowledge.allow.flatMap((entry) => brokenHost(entry) ?? [])[0],
    },
  ],
  scopes: {
    "knowledge:read": "Search and ask the knowledge base",
    "knowledge:write": "Add and read sources",
    "knowledge:manage": "Change settings of the knowledge base",
  },
  async load({ settings, resources: { gitHosting, searchServer, readingMemory } }) {
    const [{ knowledge }, { giteaAccess }, { lanes }] = await Promise.all([
      import("./app.ts"),
      import("./git/gitea.ts"),
      import("./read/reader.ts"),
    ]);
    return knowledge({
      allow: settings.knowledge.allow,
      vespa: searchServer,
      ...(readingMemory !== undefined && { reader: { memory: Math.floor(readingMemory / lanes) } }),
      ...(gitHosting && { git: giteaAccess(gitHosting), hooksAt: gitHosting.hooksAt }),
    });
  },
});
