import { expect, test } from "vitest";
import { parseLogLine, shortFields } from "../../../glue-services/platform/logs/line.ts";
import { shortLine } from "../../../installer/terminal/log-line.ts";

const at = Date.UTC(2026, 10, 29, 13, 4, 5, 678);

test.each([
  ["pino", `{"level":30,"time":${at},"msg":"answered","method":"GET"}`, at, "info", "answered", { method: "GET" }],
  ["zap with seconds", `{"level":"warn","ts":${at / 1000},"msg":"slow"}`, at, "warn", "slow", {}],
  ["JSON with ISO times", `{"time":"2026-11-29T13:04:05.678Z","level":"ERROR","message":"no"}`, at, "error", "no", {}],
  [
    "JSON without a message",
    `{"level":50,"err":{"message":"gone"}}`,
    undefined,
    "error",
    "",
    { err: { message: "gone" } },
  ],
  ["JSON with an impossible time", `{"level":30,"time":1e300,"msg":"x"}`, undefined, "info", "x", {}],
])(
  "a log line of %s is taken apart into time, level, message and fields",
  (_form, text, time, level, message, fields) => {
    expect(parseLogLine(text)).toEqual({ at: time, level, message, fields });
  },
);

test.each([
  ["logfmt", `time=2026-11-29T13:04:05.678Z level=INFO msg="TSDB started"`, at, "info"],
  ["PostgreSQL", "2026-11-29 13:04:05.678 UTC [12] LOG:  checkpoint starting", at, "info"],
  ["Gitea, whose times have no zone", "2026/11/29 13:04:05 ...eb.go:1:run() [E] no", undefined, "error"],
  ["a broken object", `{"level":30,`, undefined, "info"],
  ["an array", "[1, 2]", undefined, undefined],
  ["nothing", "", undefined, undefined],
])("a log line of %s keeps its text whole", (_form, text, time, level) => {
  expect(parseLogLine(text)).toEqual({ at: time, level, message: text, fields: undefined });
  expect(shortLine({ color: false }, text)).toBe(text);
});

test("the terminal shows a log line of JSON as time, level, message and fields, and nothing in it acts on the terminal", () => {
  const line = JSON.stringify({
    level: 40,
    time: at,
    msg: "late\u001b[2J",
    path: "/a b",
    err: { message: "x\ny", stack: "z" },
  });
  const shown = shortLine({ color: false }, line);
  expect(shown).toMatch(/^\d\d-\d\d \d\d:\d\d:05\.678 warn {2}late\\u001b\[2J path="\/a b" err=x$/);
  expect(shortFields({ list: [1, 2], none: null, empty: "" })).toBe('list=[2] none=null empty=""');
});
