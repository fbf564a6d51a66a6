/** What everyone in the organisation may do who is not a member of a project. */
export const audiences = [
  { value: "member", label: "works on it" },
  { value: "viewer", label: "sees it" },
  { value: "none", label: "does not know of it" },
];

export function everyoneOf(audience: string): string | null {
  return audience === "none" ? null : audience;
}

/** What each role of a project may do, in a word or two. */
export const roleChoices = [
  { value: "viewer", label: "Viewer: sees it" },
  { value: "member", label: "Member: works on it" },
  { value: "maintainer", label: "Maintainer: changes it" },
  { value: "owner", label: "Owner: may delete it" },
];

const ranks = ["viewer", "member", "maintainer", "owner"];

/** Whether a role includes another. */
export function includes(role: string, wanted: string): boolean {
  return ranks.indexOf(role) >= ranks.indexOf(wanted);
}
