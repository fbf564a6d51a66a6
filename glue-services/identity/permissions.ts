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

/** What both include: each scope of a key, narrowed to what its person may do. */
export function common(some: readonly string[], others: readonly string[]): string[] {
  const both = some.flatMap((one) => others.flatMap((other) => overlap(one, other) ?? []));
  return [...new Set(both)];
}

function overlap(one: string, other: string): string | undefined {
  if (includes(other, one)) return one;
  if (includes(one, other)) return other;
  const [[resource, action], [otherResource, otherAction]] = [one.split(":"), other.split(":")];
  // Neither includes the other, so they meet only where one leaves the resource open and the other the action.
  if (resource === "*" && otherAction === "*") return `${otherResource}:${action}`;
  if (action === "*" && otherResource === "*") return `${resource}:${otherAction}`;
  return undefined;
}

function includes(granted: string, wanted: string): boolean {
  if (granted === "*" || granted === wanted) return true;
  const [resource, action] = granted.split(":");
  const [wantedResource, wantedAction] = wanted.split(":");
  return (resource === "*" || resource === wantedResource) && (action === "*" || action === wantedAction);
}

/** Role of whoever administers the platform itself; follows from the organisation, and is never given by one. */
export const platformAdministrator = "platform-administrator";
