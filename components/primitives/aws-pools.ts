/** Label of a node by which pods choose it: `data` is never taken away, `requests` may be at any time. */
export const poolLabel = "devflow.dev/pool";

/** EKS's own label of a node: `ON_DEMAND`, or `SPOT`, which AWS may take back. */
export const capacityLabel = "eks.amazonaws.com/capacityType";
