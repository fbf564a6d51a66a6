/** What each scope of the platform lets a program do, by product. */
export const scopeGroups: { group: string; scopes: Record<string, string> }[] = [
  {
    group: "Everything",
    scopes: {
      "*:read": "Read everything you may read",
      "*:write": "Write everything you may write",
      "*": "Everything you may do",
    },
  },
  {
    group: "Models",
    scopes: {
      "ai:run": "Call models",
      "ai:read": "Read models, usage and budgets",
      "ai:manage": "Manage providers, routes, keys and budgets",
    },
  },
  {
    group: "MCP",
    scopes: {
      "mcp:use": "Call tools of MCP servers",
      "mcp:read": "Read servers, rules and calls",
      "mcp:manage": "Manage servers and rules",
      "mcp:approve": "Approve calls that wait",
    },
  },
  {
    group: "Knowledge and projects",
    scopes: {
      "knowledge:read": "Search and ask the knowledge base",
      "knowledge:write": "Add and read sources",
      "knowledge:manage": "Change settings of the knowledge base",
      "projects:read": "Read projects, tasks and documents",
      "projects:write": "Change projects, tasks and documents",
    },
  },
  { group: "Code", scopes: { "code:read": "Read repositories", "code:write": "Change repositories" } },
  {
    group: "Secrets",
    scopes: {
      "secrets:read": "Read names of secrets",
      "secrets:manage": "Set, rotate and delete secrets",
      "secrets:resolve": "Read values of secrets",
    },
  },
  {
    group: "Organisation",
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
  },
];

const words = new Map(scopeGroups.flatMap(({ scopes }) => Object.entries(scopes)));

/** In words; a pattern that has none, as it is. */
export function scopeWords(scope: string): string {
  return words.get(scope) ?? scope;
}
