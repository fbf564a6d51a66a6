/** Names of the cookies of one platform. */
export interface CookieNames {
  /** First part of the names that Better Auth makes itself. */
  prefix: string;
  session: string;
  /** The session's, as browsers send it: with a prefix of its own over HTTPS (RFC 6265bis, 4.1.3.1). */
  sent: string;
}

/**
 * Cookies know no ports (RFC 6265, 8.5): of two platforms on one machine each would sign people out of the other. So the
 * port is part of the names, where the address has one.
 */
export function cookieNames(publicUrl: string): CookieNames {
  const { port, protocol } = new URL(publicUrl);
  const prefix = port === "" ? "devflow" : `devflow_${port}`;
  const session = port === "" ? "devflow_session" : `devflow_session_${port}`;
  return { prefix, session, sent: protocol === "https:" ? `__Secure-${session}` : session };
}
