/** A region that scrolls by itself must be reachable by keyboard. */
export const scrollable = { tabIndex: 0 } as const;
