import type { LocationRewrite } from "@tanstack/react-router";
import { organisationHeader, organisationParameter } from "../../../kit/organisation-header.ts";

const prefix = /^\/o\/([^/]+)(?=\/|$)/;
const remembered = "devflow-organisation";

/**
 * The organisation that this page acts for, by its slug: it stands in the address and stays the same for as long as the
 * document lives, so that two tabs act for two organisations. Undefined while nobody is signed in.
 */
let acting: string | undefined;

export function actingFor(): string | undefined {
  return acting;
}

/** The slug in an address such as `/o/acme/people`. */
export function slugIn(pathname: string): string | undefined {
  return prefix.exec(pathname)?.[1];
}

/** The organisation that this tab was in before, for pages that belong to none. */
export function lastInTab(): string | undefined {
  return sessionStorage.getItem(remembered) ?? undefined;
}

export function actFor(slug: string | undefined): void {
  acting = slug;
  if (slug === undefined) sessionStorage.removeItem(remembered);
  else sessionStorage.setItem(remembered, slug);
}

/** What documentation and one's own account have nothing to do with: their addresses have no organisation. */
function ofNoOrganisation(pathname: string): boolean {
  return /^\/(?:docs|account|sessions)(?:\/|$)/.test(pathname);
}

/** Where a page is to be found: `/people` of the organisation `acme` at `/o/acme/people`. */
export function addressOf(pathname: string, slug: string | undefined): string {
  if (slug === undefined || ofNoOrganisation(pathname)) return pathname;
  return `/o/${slug}${pathname === "/" ? "" : pathname}`;
}

/** An address without its organisation. */
export function pageIn(pathname: string): string {
  return pathname.replace(prefix, "") || "/";
}

/** Pages know their own addresses alone; the organisation is put before them on the way out. */
export const rewrite: LocationRewrite = {
  input({ url }) {
    url.pathname = pageIn(url.pathname);
    return url;
  },
  output({ url }) {
    url.pathname = addressOf(url.pathname, acting);
    return url;
  },
};

/** Headers by which a request acts for the organisation of this page. */
export function organisationHeaders(): Record<string, string> {
  return acting === undefined ? {} : { [organisationHeader]: acting };
}

/** The address of something that a browser opens without headers. */
export function withOrganisation(path: string): string {
  return acting === undefined ? path : `${path}?${new URLSearchParams({ [organisationParameter]: acting })}`;
}
