import { applianceOf } from "../appliance.ts";
import type { Check, Finding } from "../check.ts";
import { onEngine } from "../on-engine.ts";

interface Version {
  Components?: { Name: string; Version?: string; Details?: Record<string, string> }[];
}

export const dockerCallers: Check = {
  name: "docker-callers",
  title: "Callers' addresses",
  why: "Limits of attempts and the audit log go by the address that a caller has.",
  run: (input) => onEngine(input, async (engine) => callers(await engine.call<Version>("GET", "/version"))),
};

/** Port drivers of rootless Docker by which a container sees the caller's own address. */
const keeping = ["slirp4netns", "implicit"];
/** From this major version on the usual port driver keeps addresses too, where nothing of Docker's own stands between. */
const transparent = 3;

/** @param version the engine's own answer about itself */
export function callers({ Components: components = [] }: Version): Finding {
  const rootless = components.find(({ Name }) => Name === "rootlesskit");
  if (!rootless) return { status: "ok", result: "the engine hands them on" };
  const driver = rootless.Details?.PortDriver ?? "builtin";
  const data = { driver, version: rootless.Version };
  if (keeping.includes(driver)) return { status: "ok", result: `the port driver ${driver} hands them on`, data };
  const proxyless = "Set userland-proxy to false in ~/.config/docker/daemon.json";
  if (Number.parseInt(rootless.Version ?? "", 10) >= transparent && driver === "builtin") {
    return {
      status: "ok",
      result: "rootless Docker hands them on where its userland-proxy is off",
      fix: `${proxyless}, if it is not yet.`,
      data,
    };
  }
  return {
    status: "warn",
    result: `rootless Docker's port driver ${driver} makes one address of all callers: limits count all people as one`,
    fix: `Give it another one (DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER=slirp4netns), or run Docker 29.5 or later: ${proxyless}.`,
    data,
  };
}

export const dockerShutdown: Check = {
  name: "docker-shutdown",
  title: "Shutdown",
  why: "When the machine is shut down, what systemd ends before its time is recovered at the next start, or is a job that failed.",
  run: (input, signal) =>
    onEngine(input, async ({ address, call }) => {
      if (address.socketPath === undefined) return { status: "skipped", result: "the engine is on another machine" };
      const [{ Components: parts = [] }, { stops }] = await Promise.all([
        call<Version>("GET", "/version"),
        applianceOf(input.settings),
      ]);
      const whose = parts.some(({ Name }) => Name === "rootlesskit") ? (["--user"] as const) : [];
      const { code, stdout } = await input.facts.exec(
        ["systemctl", ...whose, "show", "docker.service", "--property=LoadState,TimeoutStopUSec"],
        signal,
      );
      return code === 0 ? shutdown(stdout, stops) : { status: "skipped", result: "no systemd runs the engine here" };
    }),
};

/** Seconds that the engine itself takes once its containers have ended. */
const margin = 5;

/** @param shown properties of the engine's unit as systemctl shows them. @param stops seconds, by container */
export function shutdown(shown: string, stops: Record<string, number>): Finding {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(shown)?.[1] ?? "";
  if (value("LoadState") !== "loaded") return { status: "skipped", result: "no unit of systemd runs the engine here" };
  const [slowest = "", longest = 0] = Object.entries(stops).sort(([, one], [, other]) => other - one)[0] ?? [];
  const given = secondsOf(value("TimeoutStopUSec"));
  const data = { given: Number.isFinite(given) ? given : null, longest, slowest };
  if (given >= longest + margin) return { status: "ok", result: "systemd waits for the slowest container", data };
  return {
    status: "warn",
    result: `systemd ends Docker after ${given} s, and ${slowest} may take ${longest} s to end`,
    fix: `sudo systemctl edit docker.service, with: [Service] TimeoutStopSec=${longest + margin}`,
    data,
  };
}

const units: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400, w: 604_800 };

/** @param span as systemd writes one: `1min 30s`, `infinity` */
function secondsOf(span: string): number {
  if (span === "infinity") return Number.POSITIVE_INFINITY;
  return [...span.matchAll(/([\d.]+)(us|ms|s|min|h|d|w)\b/g)].reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}
