/** What the level `restricted` of Kubernetes' pod security standards asks of a pod. */
export function podSecurity({ user, group }: { user: number; group: number }) {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: group,
    fsGroup: group,
    // Without this a large volume is walked through at every start.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** And of each of its containers; a root file system that cannot be written to is ours. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
