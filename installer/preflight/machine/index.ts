import { readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism, loadavg, networkInterfaces } from "node:os";
import { accountName } from "../../../components/provider/login-name.ts";
import { exec } from "../../machine/exec.ts";
import { findHolders } from "../../machine/holders.ts";
import type { Facts } from "../facts.ts";
import { connects, lookup, serverTime, tryListen } from "./network.ts";

/** The facts of the machine this runs on. `changes` replaces single answers. */
export function machineFacts(changes: Partial<Facts> = {}): Facts {
  const proc = changes.proc ?? "/proc";
  return {
    os: process.platform,
    env: process.env,
    uid: process.getuid?.(),
    accountName: accountName(),
    nodeVersion: process.versions.node,
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    proc,
    cgroup: "/sys/fs/cgroup",
    timeSource: "http://acme-v02.api.letsencrypt.org/",
    now: Date.now,
    readFile: (path) => readFile(path, "utf8").catch(() => undefined),
    statfs: async (path) => {
      const [system, { dev }] = await Promise.all([statfs(path), stat(path)]);
      return {
        device: dev,
        type: system.type,
        total: system.blocks * system.bsize,
        available: system.bavail * system.bsize,
        files: system.files,
        filesFree: system.ffree,
      };
    },
    tryListen,
    holders: (ports) => findHolders(ports, proc),
    lookup,
    addresses: () => Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    serverTime,
    connects,
    exec,
    ...changes,
  };
}
