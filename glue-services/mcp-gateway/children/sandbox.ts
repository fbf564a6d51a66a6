import { execFile } from "node:child_process";
import { accessSync, chownSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

export interface Confined {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Its home, which it may write to. */
  folder: string;
  /** Folders that no program may see, whatever its command names: those with the platform's keys. */
  hidden: readonly string[];
}

/** Folders of the system's programs, and the settings that programs look up. */
const system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix", "/snap"];
const settings = [
  ...["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "ssl", "pki", "ca-certificates", "crypto-policies"],
  ...["resolv.conf", "hosts", "nsswitch.conf", "passwd", "group", "localtime", "mime.types"],
].map((name) => `/etc/${name}`);

const isolation = [
  ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL", "--die-with-parent"],
  ...[...system, ...settings].flatMap((path) => ["--ro-bind-try", path, path]),
  ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
];

/** How programs are kept apart from the host: in a sandbox, as another user, or not at all. */
export type Way = "bubblewrap" | "user" | "none";

let way: Promise<Way> | undefined;
/** `nobody`, where root runs the host. */
const nobody = { uid: 65534, gid: 65534 };

/** The best way that this machine has, found out once. @param folder home of the programs */
export function findWay(folder: string): Promise<Way> {
  way ??= promisify(execFile)("bwrap", [...isolation, "true"], { timeout: 10_000 }).then(
    () => "bubblewrap" as const,
    () => (process.getuid?.() === 0 && mayEnter(folder) ? "user" : "none"),
  );
  return way;
}

/** What is started for a program, and as whom. */
export function confined(options: Confined, how: Way): { command: readonly string[]; uid?: number; gid?: number } {
  if (how === "bubblewrap") return { command: sandboxed(options) };
  if (how === "none") return { command: options.command };
  chownSync(options.folder, nobody.uid, nobody.gid);
  return { command: options.command, ...nobody };
}

/**
 * The command that runs a program with bubblewrap: it sees the system's programs, its home, and what its command and
 * environment name by an absolute path; processes and files of the host it does not see. The network is the host's.
 */
function sandboxed({ command, environment, folder, hidden }: Confined): readonly string[] {
  const [program = "", ...args] = command;
  const found = findProgram(program);
  // What is not there is started as it is: the error then names it, not bubblewrap.
  if (!found) return command;
  const closed = hidden.filter((path) => path !== "/" && existsSync(path)).map((path) => realpathSync(path));
  const binds = [
    ...[...args, ...Object.values(environment)].flatMap(named).flatMap((path) => shared(path, closed)),
    ...closed.flatMap((path) => ["--tmpfs", path]),
    ...[found, realpathSync(found)].flatMap(installation).flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--bind", folder, folder, "--chdir", folder],
  ];
  return ["bwrap", ...isolation, ...binds, "--", found, ...args];
}

/** Whether everybody may enter the folders above this one. */
function mayEnter(folder: string): boolean {
  const above = dirname(folder);
  return (statSync(above).mode & 0o001) !== 0 && (above === dirname(above) || mayEnter(above));
}

function findProgram(program: string): string | undefined {
  if (isAbsolute(program)) return isExecutable(program) ? program : undefined;
  if (program.includes("/")) return undefined;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A program's own folder, and the libraries beside it: `npx` is in `lib/node_modules` beside `bin`. */
function installation(program: string): string[] {
  const folder = dirname(program);
  return basename(folder) === "bin" ? [folder, join(dirname(folder), "lib")] : [folder];
}

/** The absolute path in an argument such as `/srv/notes` or `--root=/srv/notes`. */
function named(argument: string): string[] {
  const [, path] = /^(?:--?[\w-]+=)?(\/[^\0]*)$/s.exec(argument) ?? [];
  return path && path !== "/" ? [path] : [];
}

/** A folder as it is; of a file that belongs to a package the package, for reading; of any other the file alone. */
function shared(path: string, hidden: readonly string[]): string[] {
  if (!existsSync(path)) {
    // A file that the program makes: its folder, unless everybody's things are there.
    const folder = dirname(path);
    return existsSync(folder) && !isCommon(folder) ? shared(folder, hidden) : [];
  }
  const real = realpathSync(path);
  if (hidden.some((one) => real === one || real.startsWith(`${one}/`))) return [];
  if (statSync(real).isDirectory()) return isCommon(real) ? [] : ["--bind", real, path];
  const root = packageOf(dirname(real));
  return [...(root ? ["--ro-bind", root, root] : []), ...(root && real === path ? [] : ["--bind", real, path])];
}

function packageOf(folder: string): string | undefined {
  if (isCommon(folder)) return undefined;
  if (["package.json", "pyproject.toml"].some((name) => existsSync(join(folder, name)))) return folder;
  return packageOf(dirname(folder));
}

/** Folders with the things of many. */
function isCommon(folder: string): boolean {
  return ["/", "/etc", "/home", "/root", "/tmp", "/var", "/run", "/proc", "/sys", homedir(), tmpdir()].includes(folder);
}
