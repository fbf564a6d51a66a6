import { type Output, output } from "@pulumi/pulumi";
import { surroundings } from "../../surroundings.ts";

/** Variable in which a member of a workload finds the name of its pod. */
export const podName = "POD_NAME";

/** Service by which the members of a workload have names of their own. */
export function membersService(workload: string): string {
  return `${workload}-members`;
}

/** Service by whose name all pods of a workload are found that has no members. */
export function podsService(workload: string): string {
  return `${workload}-pods`;
}

/** Host name of a member within the stack. */
export function memberHost(workload: string, at: number): string {
  return `${workload}-${at}.${membersService(workload)}`;
}

/** Full host names of the members of a workload, which stay the same whatever becomes of their pods. */
export function memberHosts(workload: string, members: number): Output<string[]> {
  const { namespace } = surroundings("kubernetes");
  return output(namespace).apply((where) =>
    Array.from({ length: members }, (_, at) => `${memberHost(workload, at)}.${where}.svc.cluster.local`),
  );
}
