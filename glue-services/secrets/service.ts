import { declareService, resource } from "../kit/declare/index.ts";

export const service = declareService({
  name: "secrets",
  title: "Secrets",
  description: "Secrets of the platform, of organisations and of projects: names for people, values for services.",
  group: "core",
  memory: 6,
  needs: {
    database: resource.database,
    masterKeys: resource.masterKeys,
    platformSecrets: resource.platformSecrets,
  },
  settings: {},
  scopes: {
    "secrets:read": "Read names of secrets",
    "secrets:manage": "Set, rotate and delete secrets",
    "secrets:resolve": "Read values of secrets",
  },
  async load({ resources: { masterKeys, platformSecrets } }) {
    const { secrets } = await import("./app.ts");
    return secrets({ masterKeyFile: masterKeys, platformFile: platformSecrets.file, indexFile: platformSecrets.index });
  },
});
