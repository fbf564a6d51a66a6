import { ApiError } from "../api-error.ts";

/**
 * Whether an error says that the database, or a service on another host, cannot be reached or is just starting, stopping
 * or full, rather than that a statement is wrong: such a request may be sent again.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ApiError) return error.code === "UNAVAILABLE" || error.code === "TIMEOUT";
  const { code } = error as { code?: string };
  if (code && (codes.has(code) || /^(08|53|57P0)/.test(code))) return true;
  return unreachable.test(error.message);
}

/** Seconds after which a client should ask again. */
export const unavailableFor = 2;

/** Of the driver; and of a server that keeps one database closed, as while it is restored, for which its code is too wide. */
const unreachable =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)|is not currently accepting connections$/i;

/** Of the operating system. */
const codes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ENOENT", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);
