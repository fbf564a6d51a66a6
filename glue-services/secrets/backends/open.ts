import type { Backend } from "./backend.ts";
import { onepasswordConnect } from "./onepassword-connect.ts";
import { onepasswordOp } from "./onepassword-op.ts";
import { onepasswordSdk } from "./onepassword-sdk.ts";

/** Names in the platform's file that say how to reach 1Password; the same as 1Password's own tools use. */
export const accessNames = ["OP_CONNECT_HOST", "OP_CONNECT_TOKEN", "OP_SERVICE_ACCOUNT_TOKEN"] as const;

/**
 * The backend that serves `op://`: a Connect server where one is set, else a service account by the SDK, else the
 * program `op` as whoever is signed in there.
 */
export function onepassword(access: ReadonlyMap<string, string>): Backend {
  const [url, connectToken, token] = accessNames.map((name) => access.get(name) || undefined);
  if (url && connectToken) return onepasswordConnect({ url, token: connectToken });
  if (token) return onepasswordSdk({ token });
  return onepasswordOp();
}
