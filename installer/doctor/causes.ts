/** A known reason for a process not to run, told by what it writes in its log. */
export interface Cause {
  id: string;
  cause: string;
  fix: string;
}

/** The cause that the lines tell of; the last line that any pattern knows decides, since programs end on their reason. */
export function causeOf(lines: readonly string[]): (Cause & { line: string }) | undefined {
  for (const line of lines.toReversed()) {
    const known = patterns.find(({ pattern }) => pattern.test(line));
    if (known) return { id: known.id, cause: known.cause, fix: known.fix, line };
  }
  return undefined;
}

/** Narrow before wide: PostgreSQL's "could not bind … Permission denied" is about a port, not about a file. */
const patterns: (Cause & { pattern: RegExp })[] = [
  {
    id: "address-in-use",
    pattern: /EADDRINUSE|address already in use|could not bind .*: Address/i,
    cause: "another program holds its port",
    fix: "./devflow preflight   (names the program and a free port)",
  },
  {
    id: "port-needs-root",
    pattern: /(listen|bind).*(EACCES|permission denied)|EACCES.*(listen|bind)/i,
    cause: "its port is below 1024 and needs root",
    fix: "./devflow config set network.port=4400   (or run `./devflow preflight` for the setting that allows it)",
  },
  {
    id: "shared-memory",
    pattern: /could not (create|resize|open) shared memory|could not create semaphores/i,
    cause: "the system gives it no shared memory",
    fix: "Make /dev/shm larger: `docker run --shm-size=256m …`, or `mount -o remount,size=256m /dev/shm`",
  },
  {
    id: "disk-full",
    pattern: /ENOSPC|no space left on device|disk quota exceeded/i,
    cause: "the disk is full",
    fix: "df -h   (free space; it starts again by itself)",
  },
  {
    id: "files",
    pattern: /EMFILE|ENFILE|too many open files/i,
    cause: "it may not open more files",
    fix: "ulimit -n 65536   (in the shell that starts DevFlow, then: `./devflow down && ./devflow up`)",
  },
  {
    id: "out-of-memory",
    pattern: /out of memory|cannot allocate memory|ENOMEM|OOMKilled|oom-kill/i,
    cause: "there was not enough memory",
    fix: "./devflow up --set profile=minimal   (or close other programs)",
  },
  {
    id: "data-permissions",
    pattern: /data directory ".*" has (invalid permissions|wrong ownership)/i,
    cause: "others may read its data folder, which PostgreSQL refuses",
    fix: "./devflow doctor --fix   (closes the folder, then starts it again)",
  },
  {
    id: "data-version",
    pattern: /database files are incompatible with server|initialized by PostgreSQL version/i,
    cause: "its data was made by another major version of PostgreSQL",
    fix: "Go back to the release of DevFlow that made the data, or restore a backup into this one",
  },
  {
    id: "already-running",
    // Not the hint after a port that is taken: "Is another postmaster already running on port 4402?"
    pattern: /lock file ".*postmaster\.pid" already exists|is another (postmaster|server) \(PID \d+\) running in/i,
    cause: "another copy of it works on the same data",
    fix: "./devflow down && ./devflow up   (ends copies that were left over)",
  },
  {
    id: "password",
    pattern: /password authentication failed|no password supplied|SASL authentication failed|28P01/i,
    cause: "the database refuses its password: the database and the stored credentials are from different times",
    fix: "Put secrets.env, state.json, state.key and the data of one and the same backup in place",
  },
  {
    id: "database-missing",
    pattern: /database ".*" does not exist|role ".*" does not exist|3D000/i,
    cause: "its database or role is not there",
    fix: "./devflow up   (if it says that nothing is to do: restore the database from a backup)",
  },
  {
    id: "certificate",
    pattern:
      /urn:ietf:params:acme:error|could not get certificate|obtaining certificate|acme: error|certificate (has expired|signed by unknown)|x509:/i,
    cause: "a certificate could not be issued or is not trusted",
    fix: "./devflow preflight   (looks at domain, ports and clock)",
  },
  {
    id: "program-damaged",
    pattern: /exec format error|error while loading shared libraries|cannot execute binary/i,
    cause: "the program does not fit this machine, or its files are damaged",
    fix: "./devflow doctor   (compares the files of all programs)",
  },
  {
    id: "permission",
    pattern: /EACCES|EPERM|permission denied|operation not permitted/i,
    cause: "it may not read or write something it needs",
    fix: "./devflow preflight   (tries the folders DevFlow needs)",
  },
  {
    id: "refused",
    pattern: /ECONNREFUSED|connection refused/i,
    cause: "something it needs does not answer",
    fix: "./devflow status   (see which component is not ready)",
  },
];
