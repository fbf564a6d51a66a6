import { expect, test } from "vitest";
import { type CheckResult, formatChecks, formatPreflight, withAsked } from "../../../installer/preflight/index.ts";

const io = { color: false, env: { LANG: "C.UTF-8" } };
const of = (name: string, status: CheckResult["status"], more: Partial<CheckResult> = {}): CheckResult => ({
  name,
  title: name,
  why: `Why ${name}.`,
  status,
  result: `${name} seen`,
  durationMs: 1,
  ...more,
});
const moved = of("ports", "warn", {
  result: "port 4400 is held by node (pid 4121)",
  fix: "--set network.port=4420",
  change: { path: "network.port", value: 4420 },
});

test("preflight with nothing to say is one line, and skipped checks do not count", () => {
  expect(formatPreflight([of("cpu", "ok"), of("disk", "ok"), of("dns", "skipped")], io)).toEqual([
    "Preflight   2 checks  ✓ 2",
  ]);
});

test("one finding that settles itself stands on the line of the sum", () => {
  expect(formatPreflight([of("cpu", "ok"), moved], io)).toEqual([
    "Preflight   2 checks  ✓ 1  ! 1  port 4400 is held by node (pid 4121) → using 4420",
  ]);
});

test("a port that was asked for by --set and is taken fails, and no other is said to be used", () => {
  const lines = formatPreflight(withAsked([of("cpu", "ok"), moved], ["profile=full", " network.port = 4400"]), io);
  expect(lines).toEqual([
    "Preflight   2 checks  ✓ 1  ✗ 1",
    "  ✗ port 4400 is held by node (pid 4121)",
    "      Why ports.",
    "      --set network.port=4420",
  ]);
  expect(withAsked([moved], ["network.domain=localhost"])).toEqual([moved]);
});

test("failures come first, with why and what to do", () => {
  const results = [of("disk", "warn", { fix: "Free space." }), of("git", "fail", { fix: "install git" }), moved];
  expect(formatPreflight(results, io)).toEqual([
    "Preflight   3 checks  ✓ 0  ! 2  ✗ 1",
    "  ✗ git seen",
    "      Why git.",
    "      install git",
    "  ! disk seen",
    "      Free space.",
    "  ! port 4400 is held by node (pid 4121) → using 4420",
  ]);
});

test("the full list shows every check in a column, in ASCII where the terminal has no more", () => {
  expect(formatChecks([of("cpu", "ok"), of("memory", "skipped")], { color: false, env: { LANG: "C" } })).toEqual([
    "  + cpu     cpu seen",
    "  - memory  memory seen",
  ]);
});

test("colour is used only where it is wanted", () => {
  const esc = String.fromCharCode(27);
  expect(formatPreflight([moved], { ...io, color: true }).join("")).toContain(esc);
  expect(formatPreflight([moved], io).join("")).not.toContain(esc);
});
