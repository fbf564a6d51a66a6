import type { ApiOptions } from "../contexts/api.ts";
import type { Command } from "./command.ts";
import { where } from "./where.ts";

export const api: Command<ApiOptions> = {
  name: "api",
  summary: "Call any route of the platform, as whoever is signed in",
  arguments: [
    { name: "method", description: "GET, POST, PUT, PATCH or DELETE, or the path of a GET", required: true },
    { name: "path", description: "a path of /api/openapi.json" },
  ],
  options: [
    ...where,
    { flags: "--body <json>", description: "the body: JSON, @file, or - for standard input" },
    { flags: "--field <name=value>", description: "a field of the body; may be repeated", repeatable: true },
  ],
  examples: [
    { command: "./devflow api /api/identity/me", does: "who this machine is signed in as, and what it may" },
    {
      command: "./devflow api POST /api/projects --field name=Handbook",
      does: "a body of fields; values that are JSON stay so",
    },
    { command: "./devflow api GET /api/platform/audit", does: "what changed access, cost or secrets" },
  ],
  run: async (input) => (await import("../contexts/api.ts")).callApi(input),
};
