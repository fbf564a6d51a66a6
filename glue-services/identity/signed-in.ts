import { ApiError, type Identity } from "../kit/index.ts";

/** A person at a browser, by the session that they are signed in with. */
export interface SignedIn {
  person: string;
  session: string;
}

/** @throws ApiError FORBIDDEN for a key and for a program's token, which have no account of their own */
export function signedIn(identity: Identity): SignedIn {
  const found = maybeSignedIn(identity);
  if (!found) throw new ApiError("FORBIDDEN", "Only a person who is signed in can do this.");
  return found;
}

/** The same; undefined where nobody is, for pages that then lead to the sign-in. */
export function maybeSignedIn(identity: Identity | undefined): SignedIn | undefined {
  if (identity?.via !== "session" || identity.person === undefined) return undefined;
  return { person: identity.person, session: identity.credential };
}
