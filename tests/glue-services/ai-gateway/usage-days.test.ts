import { expect, test } from "vitest";
import { timeId } from "../../../glue-services/ai-gateway/usage/usage.ts";
import { wholeNumbers } from "../../seeded.ts";
import { startGateway } from "./gateway.ts";

interface Sum {
  group: string;
  requests: number;
  inputTokens: number;
}

/** With clocks that change by an hour and by half of one, at midnight and at two; without; a day ahead and behind. */
const zones = [
  ...["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"],
  ...["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "UTC"],
];
/** Days around those on which clocks change there. */
const turns = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01"];

test("sums of a zone's days are those of the calls between its midnights, at day ends and where clocks change, and lose none", async () => {
  const rig = await startGateway();
  const { organisation } = rig.admin.identity;
  const some = wholeNumbers(20_261_025);
  const rows = turns.flatMap((day) =>
    Array.from({ length: 60 }, (_, index) => {
      // Every hour around it, to the millisecond before and after, and anywhere between.
      const hour = Date.parse(`${day}T00:00:00Z`) + (some(72) - 24) * 3_600_000 + some(4) * 900_000;
      const at = new Date(hour + ([-1, 0, 1, some(900_000)][index % 4] as number)).toISOString();
      return { at, input: some(1000) };
    }),
  );
  await meter(rows);
  for (const tz of zones) expect({ tz, ...(await sumsIn(tz)) }).toEqual({ tz, ...expected(tz, rows) });

  // Of what is kept no longer the sums of UTC's days are left: still each call once.
  const before = "2026-04-05T13:20:00Z";
  await rig.owner.query("delete from ai_gateway.usage where at < $1", [before]);
  const days = (await sumsIn("UTC")) as Record<string, number>;
  for (const tz of zones) {
    const left = await sumsIn(tz);
    expect({ tz, total: total(left) }).toEqual({ tz, total: total(days) });
    // Days that lie wholly behind it are the zone's own.
    const own = expected(tz, rows);
    for (const day of Object.keys(own).filter((one) => one > "2026-04-08"))
      expect({ tz, day, sum: left[day] }).toEqual({ tz, day, sum: own[day] });
  }

  async function meter(given: { at: string; input: number }[]): Promise<void> {
    const plain = {
      request: timeId(),
      surface: "chat",
      asked: "m",
      provider: "p",
      model: "m",
      status: "ok",
      code: 200,
    };
    const rest = { cached: 0, output: 0, estimated: false, cost: 0, streamed: false, ms: 1 };
    const full = given.map((row) => ({ id: timeId(), organisation, ...plain, ...rest, ...row }));
    await rig.owner.query("select ai_gateway.meter($1)", [JSON.stringify(full)]);
  }

  async function sumsIn(tz: string): Promise<Record<string, number>> {
    const query = new URLSearchParams({ from: "2026-03-01", to: "2026-11-10", tz });
    const sums = await rig.ask<Sum[]>("GET", `/usage?${query}`);
    return Object.fromEntries(sums.map(({ group, inputTokens }) => [group, inputTokens]));
  }
});

test("a range of a zone's days begins and ends at its midnights, and a zone that there is not is refused", async () => {
  const rig = await startGateway();
  for (const tz of ["Europe/Nowhere", "Berlin", "Mars/Olympus"]) {
    const answer = await rig.app.inject({
      url: `/api/ai/usage?tz=${encodeURIComponent(tz)}`,
      headers: rig.admin.headers,
    });
    expect({ tz, status: answer.statusCode, code: answer.json().error.code }).toEqual({
      tz,
      status: 400,
      code: "INVALID",
    });
  }
  const { organisation } = rig.admin.identity;
  const plain = { request: timeId(), surface: "chat", asked: "m", provider: "p", model: "m", status: "ok", code: 200 };
  const rest = { input: 1, cached: 0, output: 0, estimated: false, cost: 0, streamed: false, ms: 1 };
  const times = [
    "2026-10-24T21:59:59.999Z",
    "2026-10-24T22:00:00Z",
    "2026-10-25T22:59:59.999Z",
    "2026-10-25T23:00:00Z",
  ];
  const rows = times.map((at) => ({ id: timeId(), organisation, ...plain, ...rest, at }));
  await rig.owner.query("select ai_gateway.meter($1)", [JSON.stringify(rows)]);
  // The day of 25 hours in Berlin.
  for (const by of ["day", "model"]) {
    const range = "from=2026-10-25&to=2026-10-25&tz=Europe/Berlin";
    const sums = await rig.ask<Sum[]>("GET", `/usage?by=${by}&${range}`);
    expect(sums.map(({ requests }) => requests)).toEqual([2]);
  }
});

/** Tokens by day, by the calendar of JavaScript. */
function expected(tz: string, rows: readonly { at: string; input: number }[]): Record<string, number> {
  const calendar = new Intl.DateTimeFormat("en-CA", {
    timeZone: tz,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const sums: Record<string, number> = {};
  for (const { at, input } of rows) {
    const day = calendar.format(new Date(at));
    sums[day] = (sums[day] ?? 0) + input;
  }
  return sums;
}

function total(sums: Record<string, number>): number {
  return Object.values(sums).reduce((sum, one) => sum + one, 0);
}
