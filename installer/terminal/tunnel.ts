import type { Io } from "../commands/command.ts";

/**
 * The command that brings an address of this machine alone to the machine at which the person sits; undefined where
 * they sit here, or the address is known everywhere.
 */
export function tunnelTo(url: string, env: Io["env"]): string | undefined {
  const [, , host, sshPort] = env.SSH_CONNECTION?.split(" ") ?? [];
  const { hostname, port } = new URL(url);
  if (!host || !/^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) return undefined;
  const user = env.USER || env.LOGNAME;
  const other = sshPort && sshPort !== "22" ? `-p ${sshPort} ` : "";
  return `ssh ${other}-L ${port || "80"}:localhost:${port || "80"} ${user ? `${user}@` : ""}${host}`;
}
