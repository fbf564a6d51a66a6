/**
 * Who gives way to whom where a node is short of room, the first being the last to go: what keeps data, the platform's own
 * services, the parts of people's apps, and jobs of workflows.
 */
export const ranks = ["data", "platform", "runtime", "runner"] as const;
export type Rank = (typeof ranks)[number];

/** Those that keep data are sure of all the memory they may take: whoever takes more than they are sure of is evicted first. */
export function rankOf({ rank, data }: { rank?: Rank; data?: boolean | "cache" }): Rank {
  return rank ?? (data === true ? "data" : "platform");
}
