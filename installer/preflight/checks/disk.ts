import { bytes } from "../../terminal/human.ts";
import type { Check, CheckInput, Finding } from "../check.ts";
import type { FileSystem } from "../facts.ts";
import { nearestExisting } from "../machine/folders.ts";

/** Left free after everything is in place: logs, the database's write-ahead log and the system itself need room. */
const reserve = 1024 ** 3;
/** Files that unpacked programs, a database and Git repositories make. */
const filesNeeded = 50_000;

/** Magic numbers of statfs(2). */
const inMemory = new Set([0x01021994, 0x858458f6]);
const overNetwork = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p (a folder of the Windows or host system)"],
]);

export const disk: Check = {
  name: "disk",
  title: "Disk",
  why: "A full disk stops the database in the middle of its work.",
  async run(input) {
    const volumes = await volumesOf(input);
    const findings = volumes.map(judge);
    const worst = findings.find(({ status }) => status === "fail") ?? findings.find(({ status }) => status === "warn");
    return {
      status: worst?.status ?? "ok",
      result: worst?.result ?? findings.map(({ result }) => result).join("; "),
      ...(worst?.fix && { fix: worst.fix }),
      data: volumes,
    };
  },
};

interface Volume extends FileSystem {
  /** The parts of DevFlow that lie on it. */
  holds: string[];
  path: string;
  needed: number;
}

/** The file systems under data and cache; one when both lie on the same. */
async function volumesOf({ home, needs, facts }: CheckInput): Promise<Volume[]> {
  const wanted = [
    { what: "data", path: home.home, needed: needs.disk.data },
    { what: "cache", path: home.cache, needed: needs.disk.cache },
  ];
  const volumes: Volume[] = [];
  for (const { what, path, needed } of wanted) {
    const system = await facts.statfs(await nearestExisting(path));
    const same = volumes.find(({ device }) => device === system.device);
    if (same) {
      same.holds.push(what);
      same.needed += needed;
    } else {
      volumes.push({ ...system, holds: [what], path, needed });
    }
  }
  return volumes;
}

function judge(volume: Volume): Finding {
  const { available, needed, files, filesFree, type } = volume;
  const where = `${volume.holds.join(" and ")} (${volume.path})`;
  const result = `${bytes(needed)} needed for ${where}, ${bytes(available)} free`;
  const fix = `Free space, or use another disk: \`DEVFLOW_${volume.holds[0] === "data" ? "HOME" : "CACHE"}=/path ./devflow up\``;
  if (available < needed) return { status: "fail", result, fix };
  if (files > 0 && filesFree < filesNeeded) {
    return {
      status: filesFree < filesNeeded / 10 ? "fail" : "warn",
      result: `${filesFree} files can still be made for ${where}`,
      fix,
    };
  }
  if (available < needed + reserve)
    return { status: "warn", result: `${result}: little is left for logs and growth`, fix };
  if (volume.holds.includes("data")) {
    if (inMemory.has(type))
      return { status: "warn", result: `${where} is in memory: all is lost when the machine stops`, fix };
    const remote = overNetwork.get(type);
    if (remote) return { status: "warn", result: `${where} is on ${remote}: the database may lose data there`, fix };
  }
  return { status: "ok", result };
}
