import { describe, expect, test } from "vitest";
import { dataOf, splitEvents, typeOf } from "../../../../glue-services/ai-gateway/wire/events.ts";
import { type Random, randomOf } from "../random.ts";

interface Sent {
  type: string | undefined;
  data: string;
}

describe("the reader of server-sent events", () => {
  test("reads 20,000 generated streams in any pieces, with any line ends, marks, comments and lines of data", () => {
    for (let seed = 0; seed < 20_000; seed++) {
      const random = randomOf(seed);
      const sent = Array.from({ length: random.below(5) }, () => generate(random));
      const bytes = Buffer.from(write(random, sent));
      const seen = read(pieces(random, bytes));
      if (JSON.stringify(seen) !== JSON.stringify(sent)) expect(seen, `seed ${seed}`).toEqual(sent);
    }
  });

  test("a byte order mark alone in the first pieces belongs to no event", () => {
    const bytes = Buffer.from("\ufeffdata: one\n\n");
    expect(read([bytes.subarray(0, 1), bytes.subarray(1, 2), bytes.subarray(2, 3), bytes.subarray(3)])).toEqual([
      { type: undefined, data: "one" },
    ]);
  });

  test("a CR that ends a piece and an LF that begins the next are one line end", () => {
    const read1 = read(["data: a\r", "\ndata: b\r", "\n\r", "\ndata: c\r\r"].map((text) => Buffer.from(text)));
    expect(read1.map(({ data }) => data)).toEqual(["a\nb", "c"]);
  });

  test("an event is handed on with its empty line, before anything follows it", () => {
    const splitter = splitEvents();
    expect(splitter.push(Buffer.from("data: a\r\r"))).toEqual(["data: a\n\n"]);
    expect(splitter.push(Buffer.from("data: b\n\n\n"))).toEqual(["data: b\n\n"]);
    expect(splitter.push(Buffer.from("data: c\n"))).toEqual([]);
    expect(splitter.rest()).toEqual(["data: c\n\n"]);
    expect(splitter.rest()).toEqual([]);
  });

  test("an event without an end is given up at 32 MiB rather than kept", () => {
    const splitter = splitEvents();
    const piece = Buffer.alloc(4 * 1024 * 1024, 97);
    expect(() => {
      for (let i = 0; i < 9; i++) splitter.push(piece);
    }).toThrow("no end");
  });
});

const words = ["a", "ü", "日本", "😀", '{"x":1}', " ", ":", "data:", "\\n", "x".repeat(50)];

function generate(random: Random): Sent {
  const data = Array.from({ length: 1 + random.below(3) }, () =>
    Array.from({ length: random.below(4) }, () => random.one(words)).join(""),
  );
  return { type: random.chance(0.3) ? random.one(["message", "error", "delta"]) : undefined, data: data.join("\n") };
}

/** As any server may write them. */
function write(random: Random, sent: readonly Sent[]): string {
  const fixed = random.one(["\n", "\r", "\r\n", undefined]);
  // A CR directly before an LF would be one line end of two.
  const end = () => fixed ?? random.one(["\n", "\r\n"]);
  let text = random.chance(0.2) ? "\ufeff" : "";
  for (const { type, data } of sent) {
    const noise = () =>
      random.chance(0.3) ? random.one([": comment", ":", "id: 7", "retry: 10", "unknown: field"]) + end() : "";
    text += noise();
    if (type !== undefined) text += `event:${random.chance(0.5) ? " " : ""}${type}${end()}`;
    for (const line of data.split("\n"))
      text += `data:${line.startsWith(" ") || random.chance(0.5) ? " " : ""}${line}${end()}${noise()}`;
    text += end();
    while (random.chance(0.2)) text += end();
    if (random.chance(0.1)) text += `: keep alive${end()}${end()}`;
  }
  return text;
}

function pieces(random: Random, bytes: Buffer): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random.chance(0.1) ? bytes.length : 1 + random.below(12);
    all.push(bytes.subarray(at, at + size));
    at += size;
  }
  return all;
}

function read(chunks: readonly Buffer[]): Sent[] {
  const splitter = splitEvents();
  const events = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.rest()];
  return events.flatMap((event) => {
    const data = dataOf(event);
    return data === undefined ? [] : [{ type: typeOf(event), data }];
  });
}
