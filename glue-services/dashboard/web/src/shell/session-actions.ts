import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { type Me, meQuery } from "../api/session.ts";

/** Ends the session and goes where its end is said. */
export async function signOut(): Promise<void> {
  try {
    const { next } = await call<{ next: string }>("/api/identity/sign-out", { method: "POST" });
    window.location.assign(next);
  } catch (error) {
    notifications.show({ color: "red", title: "You are still signed in", message: (error as Error).message });
  }
}

/** Acts for another organisation from now on, and says so: pages that one's roles there do not open go from the menu. */
export async function switchOrganisation(
  client: QueryClient,
  { id, name }: Me["organisations"][number],
): Promise<void> {
  const before = client.getQueryData<Me | null>(meQuery.queryKey)?.scopes ?? [];
  try {
    await call("/api/identity/me/organisation", { method: "PUT", body: { organisation: id } });
    await client.resetQueries();
    const { scopes = [] } = (await client.fetchQuery(meQuery)) ?? {};
    const fewer = before.some((scope) => !scopes.includes(scope));
    notifications.show({
      title: `You are in ${name} now`,
      message: fewer
        ? "Pages that your roles there do not open are no longer in the menu."
        : "Everything you see is of it.",
    });
  } catch (error) {
    notifications.show({ color: "red", title: "The organisation was not changed", message: (error as Error).message });
  }
}
