import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { DevflowError } from "../error.ts";

/** Where DevFlow keeps what belongs to a machine's user: stacks (data, worth a backup) and the cache (can be fetched again). */
export interface HomePaths {
  home: string;
  cache: string;
}

/**
 * `DEVFLOW_HOME` and `DEVFLOW_CACHE` win; root uses the system folders (programs that drop root must be able to
 * traverse them), everyone else the XDG base directories.
 */
export function homePaths(env: NodeJS.ProcessEnv = process.env): HomePaths {
  const root = process.getuid?.() === 0;
  const user = () => env.HOME || homeOfUser();
  return {
    home:
      env.DEVFLOW_HOME ||
      (root ? "/var/lib/devflow" : join(env.XDG_DATA_HOME || join(user(), ".local", "share"), "devflow")),
    cache:
      env.DEVFLOW_CACHE ||
      (root ? "/var/cache/devflow" : join(env.XDG_CACHE_HOME || join(user(), ".cache"), "devflow")),
  };
}

/** @throws DevflowError USAGE for a user id without an entry in /etc/passwd (containers) when HOME is not set either */
function homeOfUser(): string {
  try {
    return homedir();
  } catch (cause) {
    const uid = process.getuid?.();
    throw new DevflowError(
      "USAGE",
      `User id ${uid} has no home folder: it has no entry in /etc/passwd, and HOME is not set.`,
      {
        hint: "Set HOME, or DEVFLOW_HOME and DEVFLOW_CACHE, to folders that this user may write.",
        docs: "install",
        cause,
      },
    );
  }
}

/** Every file and folder of one stack. All are below `root` except a socket whose path would be too long. */
export interface StackPaths {
  root: string;
  /** Deployment state of the embedded engine; beside it `.bak` (previous good copy), `.journal` (write-ahead) and `.lock`. */
  state: string;
  /** 32 random bytes, mode 0600, that encrypt the secrets in the state. */
  key: string;
  /** Generated credentials as `NAME=value` lines, mode 0600. */
  secrets: string;
  /** Names and times of the generated credentials, without values, mode 0600. */
  secretsIndex: string;
  /** Secrets that people set for the whole platform, as `NAME=value` lines, mode 0600. */
  platformSecrets: string;
  /** Data of one component, worth a backup. */
  data(name: string): string;
  /** Rendered configuration of one component; written again by every `up`. */
  config(name: string): string;
  /** Log file of one process. */
  log(name: string): string;
  logs: string;
  /** Supervisor's own files: what it runs, its pid, its log. */
  supervisor: string;
  /** Folder of Unix sockets, mode 0700; short enough for a socket's address. */
  sockets: string;
  /** Unix socket of the supervisor, mode 0600; always shorter than the 104 bytes that macOS allows. */
  socket: string;
  /** One folder a run of the engine: its plan and its events. */
  runs: string;
}

export function stackPaths(home: string, stack: string): StackPaths {
  const root = join(home, "stacks", stack);
  const sockets = socketFolder(join(root, "sockets"));
  return {
    root,
    state: join(root, "state.json"),
    key: join(root, "state.key"),
    secrets: join(root, "secrets.env"),
    secretsIndex: join(root, "secrets.index.json"),
    platformSecrets: join(root, "platform.env"),
    data: (name) => join(root, "data", name),
    config: (name) => join(root, "config", name),
    log: (name) => join(root, "logs", `${name}.log`),
    logs: join(root, "logs"),
    supervisor: join(root, "supervisor"),
    sockets,
    socket: join(sockets, "supervisor.sock"),
    runs: join(root, "runs"),
  };
}

/**
 * A Unix socket's address has 104 bytes on macOS and 108 on Linux, so a long path moves to a short folder. That is the same
 * one whoever asks: a stack's sockets do not follow TMPDIR, which another terminal sets otherwise.
 */
function socketFolder(wanted: string): string {
  if (Buffer.byteLength(wanted) < 80) return wanted;
  const id = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  return join("/tmp", `devflow-${process.getuid?.() ?? 0}-${id}`);
}
