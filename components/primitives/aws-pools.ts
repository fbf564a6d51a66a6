/** Label of a node by which pods choose it: `data` is never taken away, `requests` may be at any time. */
export const poolLabel = "devflow.dev/pool";
