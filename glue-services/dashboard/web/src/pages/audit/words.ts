/** Services by the names of the products that people know them by. */
const areas: Record<string, string> = {
  identity: "People and access",
  secrets: "Secrets",
  ai_gateway: "Models",
  mcp_gateway: "MCP",
  knowledge: "Knowledge",
  projects: "Projects",
  platform: "Platform",
  code: "Code",
};

export function areaOf(service: string): string {
  return areas[service] ?? service;
}

const sentences: Record<string, string> = {
  "platform.claimed": "set the platform up",
  "session.begun": "signed in",
  "session.ended": "signed out",
  "session.revoked": "signed out another session",
  "password.changed": "changed their password",
  "password.reset": "reset a password",
  "passkey.added": "added a passkey",
  "passkey.renamed": "renamed a passkey",
  "passkey.removed": "removed a passkey",
  "second-factor.begun": "began to set up a second factor",
  "second-factor.on": "turned the second factor on",
  "second-factor.off": "turned the second factor off",
  "second-factor.backup-codes": "made new backup codes",
  "agent.connected": "connected an agent",
  "agent.disconnected": "disconnected an agent",
  "device.agreed": "let a machine sign in as themselves:",
  "device.refused": "refused to let a machine sign in:",
  "person.invited": "invited",
  "person.joined": "joined",
  "process.restart": "restarted",
  "process.start": "started",
  "process.stop": "stopped",
  "call.approved": "approved the call",
  "call.denied": "denied the call",
  "secret.read": "read the secret",
  "secret.refused": "was refused the secret",
  "repository.pushed": "pushed to",
  "tag.pushed": "pushed a tag to",
  "project.archived": "archived the project",
  "project.restored": "restored the project",
  "project.deletion-begun": "began to delete the project",
  "project.deleted": "deleted the project",
  "project.retried": "asked services again to finish the project",
  "project.part-given-up": "gave up waiting for a service of the project",
  "project.member-set": "set a member of the project",
  "project.member-removed": "removed a member of the project",
  "project.environment-added": "added an environment to the project",
  "project.environment-removed": "removed an environment of the project",
  "task.added": "added the task",
  "task.moved": "moved the task",
  "task.assigned": "assigned the task",
  "task.changed": "changed the task",
  "task.commented": "commented on the task",
  "policy.set": "changed the policy of models",
  "cache.emptied": "emptied the cache of answers",
  "limits.set": "changed the limits of MCP",
};
const verbs: Record<string, string> = {
  made: "created",
  created: "created",
  added: "added",
  set: "saved",
  saved: "saved",
  changed: "changed",
  renamed: "renamed",
  removed: "removed",
  deleted: "deleted",
  revoked: "revoked",
  rotated: "rotated",
  withdrawn: "withdrew",
  opened: "opened",
  closed: "closed",
  merged: "merged",
  published: "published",
  disabled: "disabled",
  enabled: "enabled",
};

/** What an action is in a sentence that begins with who did it: "key.made" → "created the key". */
export function sentenceOf(action: string): string {
  const known = sentences[action];
  if (known) return known;
  const [thing = action, what = ""] = action.split(".");
  const verb = verbs[what];
  return verb ? `${verb} the ${thing.replaceAll("-", " ")}` : action;
}
