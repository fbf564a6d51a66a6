/** Codes a connection is closed with; 4000 and up are ours. */
export const closeCodes = {
  /** The host stops; connect again. */
  goingAway: 1001,
  /** The client does not read fast enough; connect again, and resume. */
  tooSlow: 4008,
  tooMany: 4029,
  /** The session or key is no longer valid. */
  unauthenticated: 4401,
} as const;
