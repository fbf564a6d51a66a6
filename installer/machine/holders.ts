import { readFile, stat } from "node:fs/promises";
import { exec } from "./exec.ts";
import { describeProcess, processesOfSockets } from "./processes.ts";
import { type HolderStack, stackOfProcess } from "./stack-of-process.ts";
import { userName } from "./users.ts";

/** A process that has a TCP port, as a rule by listening on it. Only the port and address are certain: others' processes may be hidden. */
export interface Holder {
  port: number;
  address: string;
  pid: number | undefined;
  /** Program as people know it: `node`, `docker-proxy`. */
  command: string | undefined;
  user: string | undefined;
  uid?: number;
  /** false: the port is the near end of a connection. */
  listening: boolean;
  /** The DevFlow stack that it belongs to, where that can be seen. */
  stack?: HolderStack;
}

/** Who listens on one of the ports: from /proc on Linux, from lsof elsewhere. */
export async function findHolders(ports: number[], proc = "/proc"): Promise<Holder[]> {
  const linux = await stat(`${proc}/net/tcp`).then(
    () => true,
    () => false,
  );
  return linux ? fromProc(new Set(ports), proc) : fromLsof(ports);
}

async function fromProc(ports: Set<number>, proc: string): Promise<Holder[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`${proc}/net/${name}`, "utf8").catch(() => "")),
  );
  const bound = tables.flatMap(parseTable).filter(({ port, inode }) => ports.has(port) && inode !== "0");
  // A port can also be taken as the near end of a connection; beside a listener those are only its clients.
  const served = new Set(bound.filter(({ listening }) => listening).map(({ port }) => port));
  const sockets = bound.filter(({ port, listening }) => listening || !served.has(port));
  if (sockets.length === 0) return [];
  const owners = await processesOfSockets(new Set(sockets.map(({ inode }) => inode)), proc);
  return Promise.all(
    sockets.map(async ({ inode, uid, address, port, listening }) => {
      const pid = owners.get(inode);
      const command = pid === undefined ? undefined : await describeProcess(pid, proc);
      const stack = pid === undefined ? undefined : stackOfProcess(pid, proc);
      return { port, address, pid, command, user: await userName(uid), uid, listening, ...(stack && { stack }) };
    }),
  );
}

interface Socket {
  listening: boolean;
  address: string;
  port: number;
  uid: number;
  inode: string;
}

/** Rows of /proc/net/tcp and tcp6 (proc_pid_net(5)); state 0A is listening. One without an owner has inode 0. */
function parseTable(text: string): Socket[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length > 9)
    .map((row) => {
      const [address = "", port = ""] = (row[1] ?? "").split(":");
      return {
        listening: row[3] === "0A",
        address: parseAddress(address),
        port: Number.parseInt(port, 16),
        uid: Number(row[7]),
        inode: row[9] ?? "",
      };
    });
}

/** Words of 32 bits, each in the byte order of the (little-endian) machine. */
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].reverse());
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return "::1";
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}

/** `lsof -F` prints one field a line, led by its letter: p pid, c command, L user, n name. */
async function fromLsof(ports: number[]): Promise<Holder[]> {
  if (ports.length === 0) return [];
  const { stdout } = await exec(["lsof", "-nP", `-iTCP:${ports.join(",")}`, "-sTCP:LISTEN", "-FpcLn"]);
  const holders: Holder[] = [];
  let current: Pick<Holder, "pid" | "command" | "user"> = { pid: undefined, command: undefined, user: undefined };
  for (const line of stdout.split("\n")) {
    const value = line.slice(1);
    if (line[0] === "p") current = { pid: Number(value), command: undefined, user: undefined };
    if (line[0] === "c") current.command = value;
    if (line[0] === "L") current.user = value;
    if (line[0] === "n") holders.push({ ...current, ...parseName(value), listening: true });
  }
  return holders;
}

function parseName(name: string): { address: string; port: number } {
  const colon = name.lastIndexOf(":");
  const address = name.slice(0, colon).replace(/^\[|\]$/g, "");
  return { address: address === "*" ? "0.0.0.0" : address, port: Number(name.slice(colon + 1)) };
}
