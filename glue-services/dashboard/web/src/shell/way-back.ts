const kept = "devflow-way-back";

/** Keeps the address that somebody came for, in this tab, while they sign in on a page without this app. */
export function keepWayBack(): void {
  const { pathname, search, hash } = window.location;
  if (pathname !== "/") sessionStorage.setItem(kept, pathname + search + hash);
}

/** The address that was asked for before signing in; it is forgotten by that. */
export function takeWayBack(): string | undefined {
  const wanted = sessionStorage.getItem(kept);
  sessionStorage.removeItem(kept);
  // Only a path of ours: an address of another site does not begin with a single slash.
  return wanted && /^\/(?![/\\])/.test(wanted) ? wanted : undefined;
}
