import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { openReader, type Reader, type ReaderLimits } from "../../../../glue-services/knowledge/read/reader.ts";
import type { ReadPage } from "../../../../glue-services/knowledge/read/work.ts";
import { zip } from "../made-files.ts";

const file = (name: string, body: string | Buffer) => ({ bytes: Buffer.from(body), media: "", name });
const light = file("light.txt", "The emu runs.");
/** Nested so deeply that its parser takes minutes. */
const endless = file("endless.html", `<html>${"<div>".repeat(400_000)}deep`);
/** A list whose tree takes a thousand times its bytes, on V8's heap. */
const heap = file("list.html", `<html><ul>${"<li>a".repeat(400_000)}</ul>`);
/** A document that unpacks to what its reader takes as one string, beside the heap. */
const unpacked = file("unpacked.docx", zip([{ name: "word/document.xml", data: Buffer.alloc(60 * 1024 * 1024, " ") }]));

function reader(limits: ReaderLimits): Reader {
  const opened = openReader(limits);
  onTestFinished(() => opened.close());
  return opened;
}

const outcome = (reading: Promise<ReadPage>) =>
  reading.then(
    ({ content }) => content,
    (error: Error) => error.message,
  );

describe("a file that is a bomb", () => {
  test("ends with what was wrong with it, and the next file and everybody else's are read", async () => {
    const [opened, hurried] = [reader({ memory: 176 }), reader({ time: 1000 })];
    const before = process.memoryUsage.rss();
    const bombs = [heap, unpacked].map((one) => outcome(opened.read(one, "bomber")));
    const others = [light, light].map((one) => outcome(opened.read(one, "other")));
    expect(await outcome(hurried.read(endless, "bomber"))).toBe("endless.html took longer than 1 s to read.");
    expect(await Promise.all(bombs)).toEqual([
      "list.html needs more memory than a file may.",
      expect.stringMatching(/^unpacked.docx (?:needs more memory than a file may|is no Word document)/),
    ]);
    expect(await Promise.all(others)).toEqual(["The emu runs.", "The emu runs."]);
    expect(await outcome(opened.read(light, "bomber"))).toBe("The emu runs.");
    // What a bomb takes is not the platform's.
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 1024 * 1024);
  });

  test("that brings its process down as a fault in native code does is named, and the process is made anew", async () => {
    const opened = reader({ time: 60_000 });
    expect(await outcome(opened.read(light, "a"))).toBe("The emu runs.");
    const [first = 0] = await children(process.pid);
    expect(first).toBeGreaterThan(0);
    const before = await processorTime(first);
    const reading = outcome(opened.read(endless, "a"));
    await expect.poll(() => processorTime(first)).toBeGreaterThan(before + 20);
    process.kill(first, "SIGSEGV");
    expect(await reading).toBe("endless.html ends the program that reads it (SIGSEGV).");
    expect(await outcome(opened.read(light, "a"))).toBe("The emu runs.");
    expect(await children(process.pid)).not.toContain(first);
  });

  test("whose host is killed does not go on being read by a process that nobody has", async () => {
    const module = new URL("../../../../glue-services/knowledge/read/reader.ts", import.meta.url).href;
    const host = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        "--input-type=module",
        "-e",
        `const { openReader } = await import(${JSON.stringify(module)});
         void openReader().read({ bytes: Buffer.from("<html>" + "<div>".repeat(400000)), media: "", name: "endless.html" }, "a");
         setInterval(() => {}, 1000);`,
      ],
      { stdio: "ignore" },
    );
    onTestFinished(() => void host.kill("SIGKILL"));
    const reading = () => children(host.pid as number);
    await expect.poll(reading).toHaveLength(1);
    const [pid] = await reading();
    await expect.poll(() => processorTime(pid)).toBeGreaterThan(100);
    host.kill("SIGKILL");
    await expect.poll(() => processorTime(pid)).toBe(-1);
  });
});

/** Processes that read for another one. */
async function children(parent: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return line.includes("read/process.ts") && (await stat(pid))?.parent === parent ? [Number(pid)] : [];
    }),
  );
  return all.flat();
}

/** Hundredths of a second; -1 for a process that is not there. */
async function processorTime(pid: number | undefined): Promise<number> {
  return (await stat(String(pid)))?.time ?? -1;
}

async function stat(pid: string): Promise<{ parent: number; time: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const after = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (text === "" || after[0] === "Z") return undefined;
  return { parent: Number(after[1]), time: Number(after[11]) + Number(after[12]) };
}
