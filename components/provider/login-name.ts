import { userInfo } from "node:os";

/** Login name of the person, or the user id in digits where no directory has an entry for it (containers). */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    // uv_os_get_passwd fails with ENOENT for a user id without an entry.
    return String(process.getuid?.() ?? "unknown");
  }
}
