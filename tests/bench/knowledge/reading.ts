/**
 * How much memory the process that reads files takes at most: `node tests/bench/knowledge/reading.ts`, on Linux. Each file
 * is made here and read by a process of its own with the limit of the smallest stack; its peak is what the kernel kept of
 * it (VmHWM). A file that needs more than the limit fails by name.
 */
import { readFileSync } from "node:fs";
import { openLane } from "../../../glue-services/knowledge/read/lane.ts";
import { table } from "../kit/platform.ts";

/** MiB, as the platform gives it where its heap is the smallest. */
const limit = 336;
/** Milliseconds for a file: the time is not what is measured here. */
const patience = 600_000;
const mebibyte = 1024 * 1024;

const words = "The ferry to the island leaves at noon and takes bicycles, letters, goats and everybody who paid.".split(
  " ",
);
const sentence = (at: number) => `${at} ${words.map((_, n) => words[(n * 7 + at) % words.length]).join(" ")}`;

/** Parts until they have so many bytes. */
function filled(bytes: number, part: (at: number) => string): string {
  const parts: string[] = [];
  for (let at = 0, size = 0; size < bytes; at++) {
    const text = part(at);
    parts.push(text);
    size += text.length;
  }
  return parts.join("");
}

const paragraphs = filled(mebibyte, (at) => `${at % 8 ? "" : `<h2>Part ${at / 8}</h2>`}<p>${sentence(at)}</p>\n`);
const rows = filled(mebibyte, (at) => `<tr><td>${at}</td><td>${sentence(at)}</td><td>${at * 3}</td></tr>\n`);
const section = (at: number) =>
  `## Section ${at}\n\n${[0, 1, 2, 3, 4, 5, 6].map((n) => sentence(at + n)).join(" ")}\n\n`;
const line = (at: number) => `2026-11-30T10:${String(at % 60).padStart(2, "0")}:00Z INFO boat=${at} ${sentence(at)}\n`;
const files: [what: string, name: string, media: string, text: string][] = [
  ["a page of HTML of 1 MB, paragraphs", "a.html", "text/html", `<main>${paragraphs}</main>`],
  ["a page of HTML of 1 MB, one table", "b.html", "text/html", `<main><table>${rows}</table></main>`],
  ["Markdown of 1 MB", "c.md", "text/markdown", filled(mebibyte, section)],
  ["Markdown of 10 MB", "d.md", "text/markdown", filled(10 * mebibyte, section)],
  ["a log of 16 MB", "e.log", "text/plain", filled(15.9 * mebibyte, line)],
];

const results = [];
for (const [what, name, media, text] of files) {
  const lane = openLane({ memory: limit, time: patience });
  let peak = 0;
  const looking = setInterval(() => {
    peak = Math.max(peak, ...readers().map(highest));
  }, 10);
  const given = { bytes: Buffer.from(text), media, name };
  const read = await lane.do({ as: "page", given, placed: {} }).catch((error: Error) => error);
  clearInterval(looking);
  await lane.close();
  const passages = read instanceof Error ? read.message : "pieces" in read ? read.pieces.length : 0;
  results.push([what, passages, Math.round(peak / 1024)]);
}
console.log(table(["file", "passages", "memory, MiB"], results));

/** Numbers of the processes that this one started. */
function readers(): string[] {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean);
}

/** KiB that a process had at most; none once it is gone. */
function highest(pid: string): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
