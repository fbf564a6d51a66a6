import { chmod, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StackPaths } from "../../../components/provider/paths.ts";
import { count } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";

/** Secrets must be readable by their owner only, whatever a backup tool or an umask did to them. */
export const permissions: Rule = {
  id: "permissions",
  async run({ paths }) {
    const open = (await Promise.all((await privateFiles(paths)).map(isOpen))).flat();
    if (open.length === 0) return [];
    return [
      {
        id: "permissions",
        severity: "error",
        title: `other users of this machine may get at ${count(open.length, "file or folder", "files and folders")} with secrets`,
        detail: "Passwords, keys and the sockets that control the stack must be their owner's alone.",
        evidence: open.map(({ path, mode }) => `${mode.toString(8).padStart(4, "0")} ${path}`),
        fix: {
          command: `chmod go-rwx ${open.map(({ path }) => path).join(" ")}`,
          safe: true,
          run: async () => {
            for (const { path, mode, forbidden } of open) await chmod(path, mode & ~forbidden);
            return `closed ${open.map(({ path }) => path).join(", ")}`;
          },
        },
      },
    ];
  },
};

interface Private {
  path: string;
  /** Permission bits that must not be set. */
  forbidden: number;
}

async function privateFiles(paths: StackPaths): Promise<Private[]> {
  const beside = [".bak", ".bak.journal", ".journal", ".lock", ".damaged", ".tmp"].map((end) => paths.state + end);
  const records = join(paths.supervisor, "processes");
  const names = await readdir(records).catch(() => []);
  const closed = [paths.key, paths.secrets, paths.state, ...beside, paths.supervisor, paths.sockets, paths.socket];
  const folders = (await readdir(paths.data("")).catch(() => [])).map(paths.data);
  return [
    // A program that refuses root runs as another user, who then has to pass through the folder, but never to list it.
    { path: paths.root, forbidden: 0o066 },
    // PostgreSQL does not start on data that others may read; its group may.
    { path: join(paths.data("postgres"), "cluster"), forbidden: 0o027 },
    ...[...closed, ...folders, ...names.map((name) => join(records, name))].map((path) => ({ path, forbidden: 0o077 })),
  ];
}

async function isOpen(entry: Private): Promise<(Private & { mode: number })[]> {
  const found = await stat(entry.path).catch(() => undefined);
  const mode = (found?.mode ?? 0) & 0o7777;
  return mode & entry.forbidden ? [{ ...entry, mode }] : [];
}
