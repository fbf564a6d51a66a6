import { userInfo } from "node:os";

/** Login name of the person; undefined where no directory has an entry for the user id. */
export function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // uv_os_get_passwd fails with ENOENT for a user id without an entry.
    return undefined;
  }
}

/** Login name of the person, or the user id in digits where no directory has an entry for it (containers). */
export function loginName(): string {
  return accountName() ?? String(process.getuid?.() ?? "unknown");
}
