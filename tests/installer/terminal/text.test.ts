import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { DevflowError } from "../../../components/error.ts";
import { formatDiagnoses } from "../../../installer/doctor/format.ts";
import { bar, progressText } from "../../../installer/terminal/bar.ts";
import { errorText } from "../../../installer/terminal/error.ts";
import { fit, pad, width, wrap } from "../../../installer/terminal/fit.ts";
import { about, bytes, count, duration } from "../../../installer/terminal/human.ts";
import { paint } from "../../../installer/terminal/paint.ts";
import { say } from "../../../installer/terminal/say.ts";
import { symbols } from "../../../installer/terminal/symbols.ts";
import { table } from "../../../installer/terminal/table.ts";
import { capture } from "./capture.ts";

describe("sizes and times for people", () => {
  test("bytes use binary units and never more than three digits before the point", () => {
    expect([0, 999, 1000, 1536, 212 * 2 ** 20, 1.4 * 2 ** 30, 1023 * 2 ** 20].map(bytes)).toEqual([
      "0 B",
      "999 B",
      "1 KiB",
      "1.5 KiB",
      "212 MiB",
      "1.4 GiB",
      "1 GiB",
    ]);
  });

  test("durations show the two largest units", () => {
    expect([0.04, 0.94, 9.96, 59.6, 75, 3600, 7800, 90_000].map(duration)).toEqual([
      "0.0 s",
      "0.9 s",
      "10 s",
      "1 min",
      "1 min 15 s",
      "1 h",
      "2 h 10 min",
      "1 d 1 h",
    ]);
  });

  test("an estimate is rounded so that it does not jump about", () => {
    expect([3, 31, 58, 171, 6000].map(about)).toEqual([
      "under 10 s",
      "about 40 s",
      "about 1 min",
      "about 3 min",
      "about 2 h",
    ]);
  });

  test("a count takes the right noun", () => {
    expect([count(1, "process", "processes"), count(9, "process", "processes"), count(0, "database")]).toEqual([
      "1 process",
      "9 processes",
      "0 databases",
    ]);
  });
});

describe("bars and progress", () => {
  test("a bar is filled in proportion and stays inside its width", () => {
    expect([0, 0.41, 1, 7].map((part) => bar(capture(), part, 10))).toEqual([
      "░░░░░░░░░░",
      "████░░░░░░",
      "██████████",
      "██████████",
    ]);
    expect(bar(capture({ env: { LANG: "C" } }), 0.5, 4)).toBe("##..");
  });

  test("a download says share, amount, rate and remaining time", () => {
    const text = progressText({
      phase: "downloading",
      done: 2 ** 20,
      total: 4 * 2 ** 20,
      unit: "bytes",
      rate: 2 ** 19,
      eta: 6,
    });
    expect(text).toBe("25 %, downloading 1 of 4 MiB, 512 KiB/s, under 10 s left");
  });

  test("in a narrow terminal a download keeps its share and remaining time", () => {
    const download = {
      phase: "downloading",
      done: 2 ** 20,
      total: 2 ** 30,
      unit: "bytes" as const,
      rate: 900,
      eta: 90,
    };
    expect([80, 50, 20].map((room) => progressText(download, room))).toEqual([
      "0 %, downloading 1 MiB of 1 GiB, 900 B/s, about 2 min left",
      "0 %, downloading 1 MiB of 1 GiB, about 2 min left",
      "0 %, downloading, about 2 min left",
    ]);
  });

  test("a build whose end is unknown says its phase alone", () => {
    expect(progressText({ phase: "compiling" })).toBe("compiling");
  });
});

describe("lines that fit", () => {
  const io = capture({ columns: 12, color: true });

  test("a long line is cut to the width with its colour closed", () => {
    const line = fit(io, paint(io, "red", "a line that is too long"));
    expect(stripVTControlCharacters(line)).toBe("a line that…");
    expect(width(line)).toBe(12);
    expect(line).toContain("\u001b[0m");
  });

  test("a line that fits is left alone", () => {
    expect(fit(io, "just fitting")).toBe("just fitting");
  });

  test("padding counts columns, not escape sequences", () => {
    expect(width(pad(paint(io, "green", "ok"), 6))).toBe(6);
    expect(pad("7", 3, "left")).toBe("  7");
  });

  test("a paragraph breaks at spaces and keeps long paths whole", () => {
    expect(wrap("see /var/lib/devflow/stacks/x for more", 14, "  ")).toEqual([
      "  see",
      "  /var/lib/devflow/stacks/x",
      "  for more",
    ]);
  });

  test("a table aligns its columns and leaves out those that are empty", () => {
    const rows = [
      { name: "postgres", memory: "74 MiB", note: "" },
      { name: "proxy", memory: "8 MiB", note: "" },
    ];
    const lines = table(capture(), rows, [
      { title: "process", value: (row) => row.name },
      { title: "memory", value: (row) => row.memory, align: "right" },
      { title: "note", value: (row) => row.note },
    ]);
    expect(lines).toEqual(["process   memory", "postgres  74 MiB", "proxy      8 MiB"]);
  });
});

test("a locale without UTF-8 gets ASCII symbols", () => {
  expect(symbols({ env: { LANG: "de_CH.UTF-8" } }).done).toBe("✓");
  expect(symbols({ env: { LANG: "de_CH.UTF-8", LC_ALL: "C" } }).done).toBe("+");
  expect(symbols({ env: { LANG: "C.UTF-8", TERM: "linux" } }).done).toBe("+");
});

describe("what is there to be copied", () => {
  const hint =
    "Choose another: `./devflow up --set network.port=4420` (or `./devflow config set network.port=<value>`); see https://example.com/a/long/address/that/stays/whole, or end the other program first.";
  const copied = [
    "./devflow up --set network.port=4420",
    "./devflow config set network.port=<value>",
    "https://example.com/a/long/address/that/stays/whole",
  ];

  test.each([40, 80])("a command in an error stays on one line of %i columns, as does an address", (columns) => {
    const text = errorText(capture({ columns }), new DevflowError("PREFLIGHT_FAILED", `${hint}\n${hint}`, { hint }));
    const lines = text.split("\n");
    for (const one of copied) expect(lines.filter((line) => line.includes(one))).toHaveLength(3);
    for (const line of lines.filter((line) => !copied.some((one) => line.includes(one)))) {
      expect(width(line)).toBeLessThanOrEqual(columns);
    }
  });

  test("a hint that is nothing but a command is not broken at all", () => {
    const hint = 'echo "devflow:x:1000:1000::/home/devflow:/bin/sh" | sudo tee -a /etc/passwd';
    const text = errorText(capture({ columns: 40 }), new DevflowError("PREFLIGHT_FAILED", "No name.", { hint }));
    expect(text.split("\n")).toContain(`  → ${hint}`);
  });

  test("what doctor would do stands below its word where both have no room, its note below it", () => {
    const fix = { command: "./devflow config set network.port=4400   (names the setting that allows it)", safe: false };
    const one = {
      id: "a",
      severity: "error" as const,
      title: "proxy ends again and again",
      detail: "",
      evidence: [],
      fix,
    };
    expect(formatDiagnoses([one], capture({ columns: 60 })).slice(3)).toEqual([
      "      fix",
      "      ./devflow config set network.port=4400",
      "      (names the setting that allows it)",
    ]);
    expect(formatDiagnoses([one], capture({ columns: 100 })).slice(3)).toEqual([`      fix  ${fix.command}`]);
  });

  test("a sentence keeps its indent on every line", () => {
    const io = capture({ columns: 24 });
    say(io, "It goes:\n  all of the data that is there\n`./devflow destroy` asks again.");
    expect(io.stderr().split("\n")).toEqual([
      "It goes:",
      "  all of the data that",
      "  is there",
      "`./devflow destroy` asks",
      "again.",
      "",
    ]);
  });
});
