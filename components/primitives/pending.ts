import type { Unsupported } from "../component.ts";

/** The recipe that is not written yet; the support matrix shows the reason. */
export const pending: Unsupported = { unsupported: "its recipe for this target is not part of this release" };
