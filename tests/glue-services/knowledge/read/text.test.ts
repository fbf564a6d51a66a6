import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { readBytes } from "../../../../glue-services/knowledge/read/read.ts";
import { longest } from "../../../../glue-services/knowledge/read/text.ts";
import { seeded } from "../../random.ts";

const read = (name: string, body: string | Uint8Array, media = "", charset?: string) =>
  readBytes({ name, media, charset, bytes: typeof body === "string" ? Buffer.from(body) : body });

test("declared encodings are believed, whatever the text reads like; marks come first", async () => {
  for (const [label, text] of [
    ["windows-1252", "naïve café"],
    ["GBK", "你好"],
    ["big5", "你好"],
    ["Shift_JIS", "東京"],
    ["euc-kr", "안녕"],
    ["KOI8-R", "Маяк"],
    ["iso-8859-2", "žluť"],
    ["utf-16le", "東京"],
  ]) {
    expect((await read("a.txt", iconv.encode(text as string, label as string), "text/plain", label)).content).toBe(
      text,
    );
  }
  expect((await read("a.txt", Buffer.from("\ufeff東京", "utf16le"))).content).toBe("東京");
  const page = iconv.encode(
    '<html><head><meta charset="gbk"><title>退款</title></head><body>退款期限</body></html>',
    "gbk",
  );
  expect(await read("a.html", page)).toMatchObject({ title: "退款", content: "退款期限" });
  const japanese = new Uint8Array([0x1b, 0x24, 0x42, 0x45, 0x6c, 0x35, 0x7e, 0x1b, 0x28, 0x42]);
  expect((await read("mail.txt", japanese)).content).toBe("東京");
});

test("what a guess or a broken byte costs is noted, and noise is refused by name", async () => {
  expect((await read("old.txt", iconv.encode("Die Straße nach Köln", "windows-1252"))).notes).toEqual([
    expect.stringContaining("windows-1252"),
  ]);
  const log = Buffer.concat([Buffer.from("日志文件的第一行内容\n".repeat(3)), Buffer.from([0xff]), Buffer.from("完")]);
  expect((await read("a.log", log)).notes).toEqual([expect.stringContaining("1 place is no valid UTF-8")]);
  const random = seeded(3);
  const noise = Uint8Array.from({ length: 400 }, () => 0x80 + random.below(128));
  await expect(read("noise.txt", noise)).rejects.toThrow("The encoding of noise.txt could not be told.");
});

test("the title of Markdown is its first heading as the parser sees it", async () => {
  for (const [text, title] of [
    ["Setup\n=====\n\n```sh\n# remove everything\nrm -rf x\n```\n", "Setup"],
    ["```sh\n# remove everything\n```\n", "a.md"],
    ["    # in code\n\n# Real\n", "Real"],
    ["---\ntitle: Declared\n---\n# Other\n", "Declared"],
    ["# A *b* `c` #\n", "A b c"],
    ["<!-- # no -->\n\n## Only second\n", "Only second"],
  ]) {
    expect([text, (await read("a.md", text as string)).title]).toEqual([text, title]);
  }
});

test("a notebook is prose and code; what is left out of it is noted", async () => {
  const notebook = {
    metadata: { kernelspec: { language: "python" } },
    cells: [
      { cell_type: "markdown", source: ["# Tapirs\n", "They swim."] },
      { cell_type: "code", source: "print('tapir')", outputs: [{ output_type: "stream", text: "tapir" }] },
    ],
  };
  const { title, content, notes } = await read("a.ipynb", JSON.stringify(notebook));
  expect([title, content]).toEqual(["Tapirs", "# Tapirs\nThey swim.\n\n```python\nprint('tapir')\n```"]);
  expect(notes).toEqual(["The results of 1 of its cells were left out."]);
  await expect(read("b.ipynb", "{")).rejects.toThrow("b.ipynb is no notebook");
});

test("a file is known by what is in it and by its name, whatever signs the name has", async () => {
  const random = seeded(5);
  const signs = [..."aZ9 #?%&+=;,()[]{}'\"*<>|äé中文日本語한국어ру😀-_.~!@$^`"];
  for (let at = 0; at < 10_000; at++) {
    const stem = Array.from({ length: 1 + random.below(12) }, () => random.pick(signs)).join("");
    const [ending, form] = random.pick([
      [".md", "markdown"],
      [".txt", "text"],
      [".py", "code"],
    ] as const);
    const name = `x${stem}${ending}`;
    expect([name, (await read(name, "plain words here", "application/octet-stream")).form]).toEqual([name, form]);
  }
  for (const name of ["README", "100%.txt", "LICENSE", "notes.unknown", "C# Guide", ".env"]) {
    expect([name, (await read(name, "plain words", "application/octet-stream")).form]).toEqual([name, "text"]);
  }
  expect((await read("page.pdf", "<!doctype html><title>P</title><p>Not found here.</p>")).content).toBe(
    "Not found here.",
  );
  await expect(read("a.pdf", "just words")).rejects.toThrow("a.pdf is no PDF");
  await expect(read("a.docx", Buffer.from("d0cf11e0a1b11ae1", "hex"))).rejects.toThrow("locked by a password");
  await expect(read("a.bin", new Uint8Array([1, 0, 2, 0, 0, 3]))).rejects.toThrow("is no text");
});

test("a long text is read whole up to its limit, and a longer one says so", async () => {
  const line = "x".repeat(5_000_000);
  expect((await read("line.txt", line)).content).toHaveLength(5_000_000);
  const cut = await read("long.log", "y".repeat(longest + 5));
  expect([cut.content.length, cut.notes]).toEqual([longest, [expect.stringContaining("Only its first 16 million")]]);
});
