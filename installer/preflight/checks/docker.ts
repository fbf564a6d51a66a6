import { bytes } from "../../terminal/human.ts";
import { applianceOf } from "../appliance.ts";
import type { Check } from "../check.ts";
import { onEngine } from "../on-engine.ts";
import { clash } from "../subnets.ts";

/** First release whose containers may bind low ports without being root, which the proxy counts on. */
const oldest = "20.10";
/** MiB that the system and the engine itself take. */
const reserve = 512;
const mebibyte = 2 ** 20;

interface Info {
  ServerVersion: string;
  MemTotal: number;
  MemoryLimit: boolean;
  DockerRootDir: string;
  SecurityOptions: string[] | null;
  OSType: string;
}

interface Version {
  MinAPIVersion?: string;
  Components?: { Name: string }[];
}

/** Checks of the engine that an appliance runs on; the question does not arise for other kinds of stack. */
export const docker: Check = {
  name: "docker",
  title: "Docker",
  why: "The appliance is made of containers, which this engine runs.",
  run: (input) =>
    onEngine(input, async (engine) => {
      const [info, version] = await Promise.all([
        engine.call<Info>("GET", "/info"),
        engine.call<Version>("GET", "/version"),
      ]);
      const { from, socketPath, origin } = engine.address;
      const place = `${socketPath ?? origin} (${from})`;
      const data = { version: info.ServerVersion, root: info.DockerRootDir, engine: socketPath ?? origin, from };
      const podman = version.Components?.some(({ Name }) => Name.startsWith("Podman")) ?? false;
      const rootless = info.SecurityOptions?.some((option) => option.includes("rootless")) ?? false;
      if (info.OSType !== "linux") {
        return { status: "fail", result: "the engine does not run Linux containers", fix: "Switch it to them.", data };
      }
      if (podman) {
        return {
          status: "warn",
          result: `Podman ${info.ServerVersion} by Docker's interface, on which nobody has tried this`,
          fix: "See docs/onprem.md, Podman: what is known to differ.",
          data,
        };
      }
      if (olderThan(info.ServerVersion, oldest)) {
        const fix = `Install Docker ${oldest} or later: https://docs.docker.com/engine/install`;
        return { status: "fail", result: `Docker ${info.ServerVersion} is too old`, fix, data };
      }
      const named = input.facts.env.DOCKER_API_VERSION ?? "";
      const { MinAPIVersion: least = "" } = version;
      if (named !== "" && least !== "" && olderThan(named, least)) {
        // Docker's own program, and whatever else is made of its client, would speak that version and be refused.
        const result = `DOCKER_API_VERSION is ${named}, and Docker ${info.ServerVersion} serves ${least} and later`;
        return { status: "fail", result, fix: "unset DOCKER_API_VERSION: clients agree on one by themselves", data };
      }
      if (!info.MemoryLimit) {
        const fix = "Turn on the memory controller of control groups; until then one program can take all memory.";
        return { status: "warn", result: "the engine cannot limit memory", fix, data };
      }
      return { status: "ok", result: `Docker ${info.ServerVersion}${rootless ? ", rootless" : ""} at ${place}`, data };
    }),
};

export const dockerMemory: Check = {
  name: "docker-memory",
  title: "Memory limits",
  why: "Containers that together may take more than there is make the system kill one of them at random.",
  run: (input) =>
    onEngine(input, async (engine) => {
      const [{ MemTotal: total }, { memory, limits }] = await Promise.all([
        engine.call<Info>("GET", "/info"),
        applianceOf(input.settings),
      ]);
      const data = { limits, sum: memory * mebibyte, total };
      const result = `limits of ${bytes(memory * mebibyte)} in all, on ${bytes(total)}`;
      if ((memory + reserve) * mebibyte <= total) return { status: "ok", result, data };
      const smaller =
        input.settings.profile === "minimal" ? "" : ", or choose a smaller profile: --set profile=minimal";
      return { status: "warn", result, fix: `Give the machine more memory${smaller}`, data };
    }),
};

export const dockerDisk: Check = {
  name: "docker-disk",
  title: "Disk for images",
  why: "Images and volumes are kept in the engine's own folder, often on another disk than this checkout.",
  run: (input) =>
    onEngine(input, async (engine) => {
      const { DockerRootDir: root } = await engine.call<Info>("GET", "/info");
      const near = engine.address.socketPath !== undefined;
      const disk = near ? await input.facts.statfs(root).catch(() => undefined) : undefined;
      if (!disk) return { status: "skipped", result: `${root} is on another machine` };
      const { disk: needed } = await applianceOf(input.settings);
      const result = `${bytes(needed * mebibyte)} for images and data, ${bytes(disk.available)} free in ${root}`;
      const data = { needed: needed * mebibyte, available: disk.available, root };
      if (needed * mebibyte <= disk.available) return { status: "ok", result, data };
      return {
        status: "fail",
        result,
        fix: "Make room: `docker system prune`, or move data-root to a larger disk.",
        data,
      };
    }),
};

export const dockerSubnets: Check = {
  name: "docker-subnets",
  title: "Subnets",
  why: "A network whose addresses are somebody else's as well cannot be reached, nor can theirs.",
  run: (input) =>
    onEngine(input, async (engine) => {
      const { innerSubnet, outerSubnet } = input.settings.docker;
      const wanted = [innerSubnet, outerSubnet].filter((subnet) => subnet !== undefined);
      if (wanted.length === 0) return { status: "ok", result: "Docker chooses free ones" };
      const networks = await engine.call<{ Name: string; IPAM: { Config: { Subnet?: string }[] | null } }[]>(
        "GET",
        "/networks",
      );
      const own = `devflow-${input.settings.stack.name}-`;
      const taken = networks
        .filter(({ Name }) => !Name.startsWith(own))
        .flatMap(({ Name, IPAM }) => (IPAM.Config ?? []).map(({ Subnet = "" }) => ({ by: `network ${Name}`, Subnet })));
      const found = clash(
        wanted,
        taken.map(({ by, Subnet }) => ({ by, subnet: Subnet })),
      );
      if (!found) return { status: "ok", result: wanted.join(" and ") };
      const fix = "Set docker.innerSubnet and docker.outerSubnet to other ones, or leave them out.";
      return { status: "fail", result: `${found.subnet} is also that of ${found.by}`, fix };
    }),
};

function olderThan(version: string, least: string): boolean {
  const [have = [], want = []] = [version, least].map((each) =>
    each.split(".").map((part) => Number.parseInt(part, 10)),
  );
  const at = want.findIndex((part, index) => (have[index] ?? 0) !== part);
  return at >= 0 && (have[at] ?? 0) < (want[at] ?? 0);
}
