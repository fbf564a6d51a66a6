import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { userExists } from "../../machine/users.ts";
import type { Check, CheckInput, Finding } from "../check.ts";
import { nearestExisting } from "../machine/folders.ts";

export const user: Check = {
  name: "user",
  title: "User",
  why: "PostgreSQL refuses to run as root, so for root it runs as another user or in a user namespace.",
  async run(input, signal) {
    const { facts, home } = input;
    if (facts.uid !== 0) return ordinary(input);
    const keeps = `root; data is kept in ${home.home}, programs in ${home.cache}`;
    const namespace = await namespaces(input, signal);
    const account = (await userExists("postgres")) ? "postgres" : (await userExists("nobody")) ? "nobody" : undefined;
    // Our own folders are opened for that user to pass through; those above them are not ours to change.
    const blocked = account && ((await closedFolder(dirname(home.home))) ?? (await closedFolder(home.cache)));
    const way = namespace ? "in a user namespace" : account && !blocked ? `as ${account}` : undefined;
    if (!way) {
      return {
        status: "fail",
        result: blocked
          ? `root, but ${account} cannot enter ${blocked}`
          : "root, and there is no user postgres or nobody",
        fix: blocked
          ? `chmod o+x ${blocked}   (or run DevFlow as an ordinary user)`
          : "Run DevFlow as an ordinary user, or: useradd --system postgres",
      };
    }
    if (facts.env.SUDO_USER && facts.env.SUDO_USER !== "root") {
      const fix = "Run it without sudo; it needs no root.";
      return { status: "warn", result: `${keeps}, out of reach of ${facts.env.SUDO_USER}, who called sudo`, fix };
    }
    return { status: "ok", result: `${keeps}; PostgreSQL runs ${way}` };
  },
};

/** initdb looks its user up by number, and ends where no directory knows it: "could not look up effective user ID". */
async function ordinary({ facts, settings }: CheckInput): Promise<Finding> {
  if (facts.accountName !== undefined) return { status: "ok", result: `ordinary user ${facts.accountName}` };
  const result = `user id ${facts.uid} has no entry in /etc/passwd`;
  if (settings.stack.kind !== "local") return { status: "ok", result };
  return {
    status: "fail",
    result: `${result}, and PostgreSQL refuses to run without one`,
    fix: `echo "devflow:x:${facts.uid}:${facts.uid}::$HOME:/bin/sh" | sudo tee -a /etc/passwd`,
  };
}

/** The first folder on the way down to the path that other users may not enter. */
async function closedFolder(path: string): Promise<string | undefined> {
  const folders: string[] = [];
  for (let at = resolve(await nearestExisting(path)); at !== dirname(at); at = dirname(at)) folders.unshift(at);
  for (const folder of folders) if (((await stat(folder)).mode & 0o001) === 0) return folder;
  return undefined;
}

async function namespaces({ facts }: CheckInput, signal: AbortSignal): Promise<boolean> {
  const tried = await facts.exec(["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"], signal);
  return tried.code === 0;
}
