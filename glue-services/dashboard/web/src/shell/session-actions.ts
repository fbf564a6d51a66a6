import { notifications } from "@mantine/notifications";
import { call } from "../api/call.ts";
import { administratorRole, type Me } from "../api/session.ts";
import { addressOf } from "../organisation.ts";

const switched = "devflow-switched-from";

/** Ends the session and goes where its end is said. */
export async function signOut(): Promise<void> {
  try {
    const { next } = await call<{ next: string }>("/api/identity/sign-out", { method: "POST", anyOrganisation: true });
    window.location.assign(next);
  } catch (error) {
    notifications.show({ color: "red", title: "You are still signed in", message: (error as Error).message });
  }
}

/**
 * Goes over to another organisation in this tab. Addresses without an organisation open in it from now on; tabs that are
 * open stay where they are.
 */
export async function switchOrganisation({ id, slug }: Me["organisations"][number], from: Me): Promise<void> {
  sessionStorage.setItem(switched, JSON.stringify(opened(from)));
  // Where this fails, the address still says where to go.
  await call("/api/identity/me/organisation", {
    method: "PUT",
    body: { organisation: id },
    anyOrganisation: true,
  }).catch(() => {});
  window.location.assign(addressOf("/", slug));
}

/** Says after a switch where one is, and when roles there open fewer pages. */
export function tellOfSwitch(me: Me): void {
  const kept = sessionStorage.getItem(switched);
  if (kept === null) return;
  sessionStorage.removeItem(switched);
  const before = JSON.parse(kept) as string[];
  const now = opened(me);
  notifications.show({
    title: `You are in ${me.organisations.find(({ id }) => id === me.organisation)?.name} now`,
    message: before.some((one) => !now.includes(one))
      ? "Pages that your roles there do not open are not in the menu."
      : "Everything you see is of it.",
  });
}

/** What pages ask for before they are shown. */
function opened({ scopes, roles }: Me): string[] {
  return [...scopes, ...roles.filter((role) => role === administratorRole)];
}
