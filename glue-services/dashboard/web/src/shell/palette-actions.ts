import { isAdministrator, may } from "../api/session.ts";
import type { Situation } from "../features.ts";
import type { IconName } from "../parts/icon.tsx";

/** Something that one makes, on the page whose dialog makes it. */
interface Making {
  label: string;
  keywords: string;
  icon: IconName;
  scope: string;
  /** An address that the platform answers where the product is part of it. */
  api: string;
  path: string;
  search: Record<string, string>;
}

const making: Making[] = [
  {
    ...{ label: "New project", keywords: "create make", icon: "plus", scope: "projects:write" },
    ...{ api: "/api/projects", path: "/projects", search: { new: "1" } },
  },
  {
    ...{
      label: "Add knowledge source",
      keywords: "new website repository files",
      icon: "plus",
      scope: "knowledge:write",
    },
    ...{ api: "/api/knowledge/sources", path: "/knowledge/sources", search: { add: "site" } },
  },
  {
    ...{ label: "New secret", keywords: "create variable password", icon: "plus", scope: "secrets:manage" },
    ...{ api: "/api/secrets", path: "/secrets", search: { new: "1" } },
  },
  {
    ...{ label: "New API key", keywords: "create token", icon: "plus", scope: "keys:write" },
    ...{ api: "/api/identity/keys", path: "/keys", search: { new: "1" } },
  },
  {
    ...{ label: "New model key", keywords: "create virtual key hub", icon: "plus", scope: "ai:manage" },
    ...{ api: "/api/ai/keys", path: "/hub/keys", search: { new: "1" } },
  },
  {
    ...{ label: "Invite somebody", keywords: "people member user colleague", icon: "plus", scope: "people:manage" },
    ...{ api: "/api/identity/invitations", path: "/people", search: { new: "1" } },
  },
];

/** What this person may make on this platform. */
export function makingFor({ context, me }: Situation): Making[] {
  return making.filter(({ api, scope }) => context.answers.includes(api) && may(me, scope));
}

export function mayRestart({ me }: Situation): boolean {
  return isAdministrator(me);
}
