import type { Holder } from "../machine/holders.ts";

/**
 * All that the checks ask of a machine. `machine/index.ts` answers for the real one; a test that cannot set the real
 * clock or memory limit answers that one question itself.
 */
export interface Facts {
  os: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  /** undefined where the system has no user ids. */
  uid: number | undefined;
  /** Login name; undefined where no directory has an entry for the user id. */
  accountName: string | undefined;
  /** Without the leading v. */
  nodeVersion: string;
  cores: number;
  /** Average number of runnable processes over the last minute. */
  load: number;
  /** Folders of Linux's process and control-group file systems. */
  proc: string;
  cgroup: string;
  /** Address, over plain HTTP, whose Date header is taken for the right time. */
  timeSource: string;
  /** Milliseconds since 1970, as the machine believes. */
  now(): number;
  /** undefined when it is not there or may not be read. */
  readFile(path: string): Promise<string | undefined>;
  /** @throws the system's error when nothing is at the path. */
  statfs(path: string): Promise<FileSystem>;
  /** The error code that listening fails with, or undefined when the port is free. */
  tryListen(host: string, port: number): Promise<string | undefined>;
  /** Who has one of the ports. */
  holders(ports: number[]): Promise<Holder[]>;
  /** All addresses of a name, as programs see it (hosts file first); empty when it does not resolve. */
  lookup(host: string): Promise<string[]>;
  /** Addresses of this machine's network interfaces. */
  addresses(): string[];
  /** Time that a server answers in its Date header; undefined when it does not answer. */
  serverTime(url: string, signal: AbortSignal): Promise<number | undefined>;
  /** True when a TCP connection comes about. */
  connects(host: string, port: number, signal: AbortSignal): Promise<boolean>;
  /** Runs a program to its end; code 127 when there is no such program. */
  exec(command: [string, ...string[]], signal: AbortSignal): Promise<Execution>;
}

export interface FileSystem {
  /** Identifies the file system among those of the machine. */
  device: number;
  /** Magic number of the kind, as Linux's statfs(2) lists them. */
  type: number;
  /** Bytes in all, and bytes that this user may still write. */
  total: number;
  available: number;
  /** Files in all and files that can still be made; 0 in all where the kind has no such limit. */
  files: number;
  filesFree: number;
}

export interface Execution {
  code: number;
  stdout: string;
  stderr: string;
}
