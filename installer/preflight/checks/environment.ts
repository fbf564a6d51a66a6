import { stat } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import type { Check, CheckInput } from "../check.ts";

export const environment: Check = {
  name: "environment",
  title: "System",
  why: "Containers, WSL and SELinux change what a program may do; knowing it saves guessing later.",
  async run(input) {
    const { facts, home, platform } = input;
    const traits = await traitsOf(input);
    const result = [platform, ...traits].join(", ");
    // Windows' own drives under WSL have neither Unix permissions nor reliable syncing.
    const drive = [home.home, home.cache].find((path) => /^\/mnt\/[a-z]\//.test(path));
    if (traits.includes("WSL") && drive) {
      const fix = "Keep it inside Linux: `DEVFLOW_HOME=~/.local/share/devflow ./devflow up`";
      return { status: "warn", result: `${drive} is a Windows drive: PostgreSQL cannot keep data there`, fix };
    }
    return { status: "ok", result, data: { traits, kernel: release(), os: facts.os } };
  },
};

async function traitsOf({ facts }: CheckInput): Promise<string[]> {
  const kernel = (await facts.readFile(join(facts.proc, "version"))) ?? "";
  const groups = (await facts.readFile(join(facts.proc, "1", "cgroup"))) ?? "";
  const enforced = (await facts.readFile("/sys/fs/selinux/enforce"))?.trim();
  const inContainer =
    (await exists("/.dockerenv")) ||
    (await exists("/run/.containerenv")) ||
    facts.env.KUBERNETES_SERVICE_HOST !== undefined ||
    /docker|kubepods|lxc|containerd/.test(groups);
  return [
    ...(/microsoft/i.test(kernel) ? ["WSL"] : []),
    ...(inContainer ? ["in a container"] : []),
    ...(enforced === undefined ? [] : [enforced === "1" ? "SELinux enforcing" : "SELinux permissive"]),
  ];
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
