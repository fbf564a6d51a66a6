/** Role or user of an identity that AWS tells. @example "arn:aws:sts::123456789012:assumed-role/operations/ada" */
export function roleOf(arn: string): string {
  const [, kind = "", ...path] = /:(assumed-role|role|user)\/(.+)$/.exec(arn) ?? [];
  const parts = (path[0] ?? "").split("/");
  return (kind === "assumed-role" ? parts[0] : parts.at(-1)) ?? arn;
}

/** Whether an identity is one of these roles; a session does not tell its role's path, so names are compared. */
export function isAmong(arn: string, roles: string[]): boolean {
  return roles.some((role) => role.split("/").at(-1) === roleOf(arn));
}
