import { Type } from "typebox";
import { declareService, resource } from "../kit/declare/index.ts";
import { keyCommands } from "./commands.ts";
import { signOn } from "./sign-on.ts";

export const service = declareService({
  name: "identity",
  title: "Identity",
  description: "People, organisations, roles, keys, and one sign-in for every product.",
  group: "core",
  memory: 22,
  needs: { database: resource.database, signOn, gitHosting: Type.Optional(resource.gitHosting) },
  settings: {},
  scopes: {
    "people:read": "Read people",
    "people:manage": "Invite and remove people",
    "roles:read": "Read roles",
    "roles:manage": "Manage roles",
    "keys:read": "Read API keys",
    "keys:write": "Create and revoke API keys",
    "organisation:manage": "Change the organisation and its sign-on",
    "audit:view": "Read the audit log",
    "audit:read": "Read the audit logs of models and secrets",
  },
  commands: [keyCommands],
  async load({ stack, resources: { signOn, gitHosting } }) {
    const { identity } = await import("./app.ts");
    return identity({ publicUrl: stack.publicUrl, ...signOn, gitea: gitHosting });
  },
});
