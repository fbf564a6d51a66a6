import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Me as MeSchema } from "../../../../identity/schemas.ts";
import type { DashboardContext } from "../../../app.ts";
import { call, Problem } from "./call.ts";

export type Me = Static<typeof MeSchema>;

/** What this platform is and offers; it does not change while the page is open. */
export const contextQuery = queryOptions({
  queryKey: ["context"],
  queryFn: ({ signal }) => call<DashboardContext>("/api/dashboard/context", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Who is signed in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    try {
      return await call<Me>("/api/identity/me", { signal });
    } catch (error) {
      if (error instanceof Problem && (error.status === 401 || error.status === 404)) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export function useMe(): Me | null | undefined {
  return useQuery(meQuery).data;
}

/** Whether the person may do it: a scope such as `keys:write`. The API decides; this only spares what cannot work. */
export function useMay(scope: string): boolean {
  const me = useMe();
  return may(me ?? null, scope);
}

export function may(me: Me | null, scope: string): boolean {
  const [resource, action] = scope.split(":");
  return (me?.scopes ?? []).some((one) => {
    if (one === "*" || one === scope) return true;
    const [held, what] = one.split(":");
    return (held === "*" || held === resource) && (what === "*" || what === action);
  });
}

/** The role that opens runs, logs and settings of the whole platform. */
export const administratorRole = "platform-administrator";

export function isAdministrator(me: Me | null | undefined): boolean {
  return me?.roles.includes(administratorRole) ?? false;
}
