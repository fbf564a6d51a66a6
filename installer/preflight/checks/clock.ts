import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isRealDomain } from "../../../stacks/config/formats.ts";
import { duration } from "../../terminal/human.ts";
import type { Check, CheckInput, Finding } from "../check.ts";

/** Before this DevFlow did not exist; after, certificates of today have all run out. */
const earliest = Date.UTC(2025, 0, 1);
const latest = Date.UTC(2100, 0, 1);
/** Milliseconds. Certificates and sign-in tokens bear no more. */
const tolerance = 5 * 60_000;

export const clock: Check = {
  name: "clock",
  title: "Clock",
  why: "With a wrong clock certificates are refused, sign-ins expire at once, and data gets wrong times that stay.",
  async run(input, signal) {
    const { facts, settings } = input;
    const now = facts.now();
    const real = isRealDomain(settings.network.domain);
    const fix = facts.os === "darwin" ? "sudo sntp -sS time.apple.com" : "sudo timedatectl set-ntp true";
    const said = new Date(now).toISOString();
    // On a real domain no certificate can be had; on this machine alone the stack can still work.
    const wrong = (result: string, data: Finding["data"]): Finding => ({
      status: real ? "fail" : "warn",
      result,
      fix,
      data,
    });

    if (now < earliest || now > latest) return wrong(`the clock says ${said}, which cannot be`, { now: said });
    const newest = await newestFile(input);
    if (newest && newest.time - now > tolerance) {
      const behind = duration((newest.time - now) / 1000);
      return wrong(`the clock is at least ${behind} behind: it says ${said}, but ${newest.path} was written later`, {
        now: said,
        newest,
      });
    }
    const served = real && !settings.artifacts.offline ? await ask(input, signal) : undefined;
    if (served !== undefined && Math.abs(served - now) > tolerance) {
      const off = `${duration(Math.abs(served - now) / 1000)} ${served > now ? "behind" : "ahead"}`;
      return wrong(
        `the clock is ${off}: it says ${said}, but ${facts.timeSource} says ${new Date(served).toISOString()}`,
        { now: said, served },
      );
    }
    const jump = await jumpOf(input);
    if (Math.abs(jump) > 1000) {
      return wrong(`the clock has just jumped by ${duration(Math.abs(jump) / 1000)}: it is being set`, {
        now: said,
        jump,
      });
    }
    return { status: "ok", result: said, data: { now: said } };
  },
};

/** The latest time that a file which was there before this run bears: in the checkout, and from the stack's last run. */
async function newestFile({ root, paths }: CheckInput): Promise<{ path: string; time: number } | undefined> {
  const candidates = [
    ...["package.json", "devflow", "installer", join(".git", "HEAD"), join(".git", "FETCH_HEAD")].map((name) =>
      join(root, name),
    ),
    paths.state,
    join(paths.runs, (await readdir(paths.runs).catch(() => [] as string[])).sort().at(-1) ?? ""),
  ];
  const times = await Promise.all(
    candidates.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => [{ path, time: mtimeMs }],
        () => [],
      ),
    ),
  );
  return times.flat().sort((a, b) => b.time - a.time)[0];
}

/** A server far away must not hold up the start: one second is enough for a header. */
async function ask({ facts }: CheckInput, signal: AbortSignal): Promise<number | undefined> {
  return facts.serverTime(facts.timeSource, AbortSignal.any([signal, AbortSignal.timeout(1000)]));
}

/** By how much the clock moved against the monotonic one in a short while, in milliseconds. */
async function jumpOf({ facts }: CheckInput): Promise<number> {
  const [wall, steady] = [facts.now(), performance.now()];
  await wait(30);
  return facts.now() - wall - (performance.now() - steady);
}
