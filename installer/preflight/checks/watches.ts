import { watch } from "node:fs";
import { join } from "node:path";
import type { Check } from "../check.ts";

const good = { max_user_watches: 8192, max_user_instances: 128 };

export const watches: Check = {
  name: "watches",
  title: "File watches",
  why: "Programs that reload their configuration when it changes need inotify watches; without, they miss changes.",
  async run({ facts, root }) {
    if (facts.os !== "linux") return { status: "skipped", result: "this system has no such limit" };
    const folder = join(facts.proc, "sys", "fs", "inotify");
    const allowed = {
      max_user_watches: Number((await facts.readFile(join(folder, "max_user_watches"))) ?? Number.NaN),
      max_user_instances: Number((await facts.readFile(join(folder, "max_user_instances"))) ?? Number.NaN),
    };
    const refused = tryWatch(root);
    const low = Object.entries(good).find(([name, floor]) => allowed[name as keyof typeof good] < floor);
    if (refused) {
      const name = refused === "ENOSPC" ? "max_user_watches" : "max_user_instances";
      return {
        status: "warn",
        result: `no file watch left for this user (fs.inotify.${name})`,
        fix: raise(name),
        data: allowed,
      };
    }
    if (low) {
      const [name, floor] = low;
      const result = `fs.inotify.${name} is ${allowed[name as keyof typeof good]}, ${floor} is advised`;
      return { status: "warn", result, fix: raise(name), data: allowed };
    }
    return {
      status: "ok",
      result: `${allowed.max_user_watches} watches, ${allowed.max_user_instances} instances`,
      data: allowed,
    };
  },
};

/** The limits are per user, and other programs may have used them up: only a real watch tells. */
function tryWatch(path: string): string | undefined {
  try {
    watch(path, { persistent: false }).close();
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EMFILE" || code === "ENOSPC" ? code : undefined;
  }
}

function raise(name: string): string {
  const value = name === "max_user_watches" ? 524288 : 1024;
  return `sudo sysctl fs.inotify.${name}=${value}`;
}
