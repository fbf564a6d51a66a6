import { describe, expect, test } from "vitest";
import { type Move, moved } from "../../../../glue-services/dashboard/web/src/pages/projects/moves.ts";
import { dayInWords, today } from "../../../../glue-services/dashboard/web/src/parts/day.ts";
import { atCommands, atWords } from "../../../../glue-services/dashboard/web/src/parts/split.ts";
import { toCsv } from "../../../../glue-services/dashboard/web/src/parts/table/csv.ts";

/** Public reports about dashboards of others, tried on ours: each test is named after one. */

const csv = (value: string | number) =>
  toCsv([{ id: "value", title: 'header_"_', value: (row: { value: string | number }) => row.value }], [{ value }]);

describe("a table as CSV", () => {
  test("supabase/supabase#33935: quotes are doubled in values and in titles", () => {
    expect(csv('value_"_')).toBe('"header_""_"\r\n"value_""_"');
  });

  test("supabase/supabase#13171: JSON in a cell reads back as it was", () => {
    const [, cell = ""] = csv('["a","b"]').split("\r\n");
    expect(cell.slice(1, -1).replaceAll('""', '"')).toBe('["a","b"]');
  });

  test.each(["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠A1"])(
    "PostHog/posthog#54149: %j that others wrote is text for a spreadsheet, no formula",
    (value) => expect(csv(value).split("\r\n")[1]).toBe(`'${value}`),
  );

  test("grafana/grafana#17363: negative numbers stay numbers", () => {
    expect(csv(-12.5).split("\r\n")[1]).toBe("-12.5");
  });
});

test.each(["count(*)", "a+b", "[x", "\\", "(?<", "$1", "^", "{2}", "<img"])(
  "grafana/grafana#117425, SigNoz/signoz#4408: %j is searched in a log as it is written",
  (words) => expect(atWords(`before ${words} after`, words)).toEqual(["before ", words, " after"]),
);

test("grafana/grafana#114485: what is marked as a command is as it was written, and a lone backquote stays", () => {
  expect(atCommands("Run `./devflow up --set a=<b>&c` now, `then")).toEqual([
    "Run ",
    "./devflow up --set a=<b>&c",
    " now, `then",
  ]);
});

describe("days", () => {
  test("makeplane/plane#1992: a day reads the same in every zone", () => {
    const zone = process.env.TZ;
    try {
      for (const tz of ["Pacific/Niue", "America/Los_Angeles", "UTC", "Pacific/Kiritimati", "Africa/Cairo"]) {
        process.env.TZ = tz;
        expect(dayInWords("2020-03-12", new Date("2026-01-01T12:00:00Z"))).toBe("12 Mar 2020");
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test("makeplane/plane#3903: today is the viewer's day, west and east of Greenwich", () => {
    const zone = process.env.TZ;
    const at = new Date("2026-03-12T04:00:00Z");
    try {
      const days = ["America/Los_Angeles", "UTC", "Pacific/Kiritimati"].map((tz) => {
        process.env.TZ = tz;
        return today(at);
      });
      expect(days).toEqual(["2026-03-11", "2026-03-12", "2026-03-12"]);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});

test("syncfusion/ej2-javascript-ui-controls#74: a list that was read before a move shows the task where it was put", () => {
  const tasks = ["a", "b", "c"].map((id) => ({ id, status: "todo" as Move["status"] }));
  const moves = [
    { id: "a", status: "doing" as const, before: null },
    { id: "c", status: "todo" as const, before: "b" },
  ];
  const shown = moves.reduce(moved, tasks).map(({ id, status }) => `${status} ${id}`);
  expect(shown).toEqual(["todo c", "todo b", "doing a"]);
  // Read anew it is the same, however often the moves are made on it.
  expect(moves.reduce(moved, moves.reduce(moved, tasks)).map(({ id }) => id)).toEqual(["c", "b", "a"]);
});
