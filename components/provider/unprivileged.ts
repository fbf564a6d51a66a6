import { spawnSync } from "node:child_process";
import { chownSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DevflowError } from "../error.ts";

/** A user and group by number. */
export interface Owner {
  uid: number;
  gid: number;
}

/** A command for a program that refuses root. With `uid` and `gid` it must be spawned as that user. */
export interface Unprivileged extends Partial<Owner> {
  command: string[];
}

/**
 * Runs a program that refuses uid 0 (PostgreSQL, initdb) although root runs the stack. For an ordinary user the command
 * stays as it is.
 *
 * Preferred is a user namespace in which root looks like another user: files stay root's, no user is created, folders
 * that only root may enter work. The program keeps the process id, since `unshare` becomes it. Where the kernel or
 * util-linux (before 2.38) does not allow that, the program is to be spawned as `postgres` or `nobody`; call `giveFolder`
 * for its data and `mayReach` for what else it needs.
 *
 * @param options.namespace false never uses a user namespace. @default whether one works here, found out once
 */
export function unprivileged(command: string[], options: { namespace?: boolean } = {}): Unprivileged {
  if (process.getuid?.() !== 0) return { command };
  const owner = substitute();
  if (options.namespace ?? namespacesWork()) return { command: [...namespaceOf(owner), ...command] };
  return { command, ...owner };
}

/**
 * Gives a folder and all in it to a user that a program is spawned as; links are given, never followed.
 *
 * @throws DevflowError COMPONENT_FAILED when the user may not even get there.
 */
export function giveFolder(folder: string, owner: Owner): void {
  const { uid, gid } = lstatSync(folder);
  if (uid !== owner.uid || gid !== owner.gid) own(folder, owner);
  mayReach(folder, owner);
}

/** @throws DevflowError COMPONENT_FAILED that names the folder above `path` which the user may not enter. */
export function mayReach(path: string, owner: Owner): void {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const enter = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if (!(mode & enter)) throw outOfReach(path, folder, owner);
    if (folder === dirname(folder)) return;
  }
}

function own(path: string, owner: Owner): void {
  // lchown would do, but a link to somewhere else is no concern of the program's either way.
  const entry = lstatSync(path);
  if (entry.isSymbolicLink()) return;
  chownSync(path, owner.uid, owner.gid);
  if (entry.isDirectory()) for (const name of readdirSync(path)) own(join(path, name), owner);
}

function outOfReach(path: string, folder: string, { uid }: Owner): DevflowError {
  return new DevflowError(
    "COMPONENT_FAILED",
    `A program that refuses root cannot get to ${path}: ${folder} is closed.`,
    {
      hint: `Allow user namespaces (sysctl user.max_user_namespaces), or let user ${uid} in: chmod o+x ${folder}. Running DevFlow as an ordinary user avoids this.`,
    },
  );
}

let works: boolean | undefined;
function namespacesWork(): boolean {
  if (process.platform !== "linux") return false;
  const [program = "", ...rest] = namespaceOf(substitute());
  works ??= spawnSync(program, [...rest, "true"], { stdio: "ignore", timeout: 5000 }).status === 0;
  return works;
}

function namespaceOf({ uid, gid }: Owner): string[] {
  return ["unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`];
}

/**
 * `postgres` or `nobody` as this system numbers them: initdb looks up the name of its user, so the number should be one
 * that has a name.
 */
function substitute(): Owner {
  const users = readPasswd();
  const [uid = 65534, gid = 65534] = users.get("postgres") ?? users.get("nobody") ?? [];
  // macOS numbers nobody -2, which spawn takes only as an unsigned number.
  return { uid: uid >>> 0, gid: gid >>> 0 };
}

function readPasswd(): Map<string, [uid: number, gid: number]> {
  try {
    const lines = readFileSync("/etc/passwd", "utf8").split("\n");
    return new Map(
      lines.map((line) => line.split(":")).map(([name = "", , uid, gid]) => [name, [Number(uid), Number(gid)]]),
    );
  } catch {
    return new Map();
  }
}
