import { expect, test } from "vitest";
import { relative } from "../../../../glue-services/dashboard/web/src/parts/relative.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

test("a time is rounded before its unit is chosen, into the past and the future alike", () => {
  const expected: [number, string][] = [
    [90 * day - minute, "in 3 months"],
    [14 * day - minute, "in 14 days"],
    [day - 10 * minute, "tomorrow"],
    [hour - 10_000, "in 1 hour"],
    [minute - 400, "in 1 minute"],
    [29 * day, "in 29 days"],
    [30 * day - hour, "next month"],
    [23 * hour, "in 23 hours"],
    [5000, "just now"],
  ];
  for (const [ahead, words] of expected) expect([ahead, relative(ahead, 0)]).toEqual([ahead, words]);
  expect(relative(0, 14 * day - minute)).toBe("14 days ago");
});
