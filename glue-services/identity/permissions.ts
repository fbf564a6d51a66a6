/** A permission is `resource:action`; `*` stands for every resource, every action, or (alone) for everything. */
export const permissionPattern = "^(\\*|(\\*|[a-z][a-z0-9-]*):(\\*|[a-z][a-z0-9-]*))$";

/** Whether what is granted includes what is wanted; what is wanted may itself be a pattern. */
export function allows(granted: readonly string[], wanted: string): boolean {
  return granted.some((one) => includes(one, wanted));
}

/** Those that `granted` does not include: what a person lacks to hand all of `wanted` on. */
export function lacking(granted: readonly string[], wanted: readonly string[]): string[] {
  return wanted.filter((one) => !allows(granted, one));
}

function includes(granted: string, wanted: string): boolean {
  if (granted === "*" || granted === wanted) return true;
  const [resource, action] = granted.split(":");
  const [wantedResource, wantedAction] = wanted.split(":");
  return (resource === "*" || resource === wantedResource) && (action === "*" || action === wantedAction);
}

/** Role of whoever administers the platform itself; follows from the organisation, and is never given by one. */
export const platformAdministrator = "platform-administrator";
