import type { CommandGroup } from "../kit/declare/index.ts";

/** `./devflow keys`: keys of programs for the platform's own API. */
export const keyCommands: CommandGroup = {
  name: "keys",
  summary: "List, make and revoke API keys of programs",
  commands: [
    {
      name: "list",
      summary: "List the organisation's API keys",
      examples: [{ command: "./devflow keys list", does: "name, scopes, last use and id of each" }],
      route: { method: "GET", path: "/api/identity/keys" },
      columns: [
        { title: "NAME", property: "name" },
        { title: "SCOPES", property: "scopes" },
        { title: "USED", property: "lastUsedAt" },
        { title: "UNTIL", property: "expiresAt" },
        { title: "REVOKED", property: "revokedAt" },
        { title: "ID", property: "id" },
      ],
    },
    {
      name: "make",
      summary: "Make an API key and show it, this once",
      arguments: [{ name: "name", description: "what uses it", required: true }],
      options: [
        { flags: "--scopes <scope>", description: "what it may do, such as knowledge:read", repeatable: true },
        { flags: "--days <count>", description: "days it is valid (default: until it is revoked)" },
      ],
      examples: [
        { command: "./devflow keys make ci --scopes '*:read' --days 90", does: "reads what you may read, for 90 days" },
      ],
      route: { method: "POST", path: "/api/identity/keys" },
    },
    {
      name: "revoke",
      summary: "Revoke an API key: programs that use it are refused within seconds",
      arguments: [{ name: "id", description: "its id, of `keys list`", required: true }],
      examples: [{ command: "./devflow keys revoke ID", does: "the key of that id" }],
      route: { method: "DELETE", path: "/api/identity/keys/{id}" },
    },
  ],
};
