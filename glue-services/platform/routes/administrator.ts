import type { RouteAuth } from "../../kit/index.ts";

/** Logs, runs and settings are of the whole platform, so an organisation's own roles do not open them. */
export const administrator = { role: "platform-administrator" } satisfies RouteAuth;
