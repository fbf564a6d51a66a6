import { expect, test } from "vitest";
import { type Failures, nextTry, noFailures } from "../../../installer/supervisor/backoff.ts";

/** Exits at these times (seconds) one after the other; returns the pauses (seconds) and how it ends. */
function exitsAt(...times: number[]): { pauses: number[]; failures: Failures } {
  let failures = noFailures();
  const pauses = times.map((time) => {
    const next = nextTry(failures, time * 1000, 0.5);
    failures = next.failures;
    return next.pause / 1000;
  });
  return { pauses, failures };
}

test("the pause before a restart doubles up to 30 s", () => {
  const { pauses, failures } = exitsAt(0, 20, 40, 61, 82, 103, 130, 200, 300);
  expect(pauses).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
  expect(failures.crashloop).toBe(false);
});

test("five exits within a minute are a crash loop, retried once a minute", () => {
  expect(exitsAt(0, 1, 2, 3).failures.crashloop).toBe(false);
  const { pauses, failures } = exitsAt(0, 1, 2, 3, 59, 180);
  expect(failures.crashloop).toBe(true);
  expect(pauses.slice(-2)).toEqual([60, 60]);
});

test("five exits over more than a minute are no crash loop", () => {
  expect(exitsAt(0, 15, 30, 45, 61).failures.crashloop).toBe(false);
});

test("chance shifts a pause by a fifth at most", () => {
  expect(nextTry(noFailures(), 0, 0).pause).toBe(400);
  expect(nextTry(noFailures(), 0, 1).pause).toBe(600);
});
