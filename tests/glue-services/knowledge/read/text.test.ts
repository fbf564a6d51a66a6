import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { ApiError } from "../../../../glue-services/kit/index.ts";
import { readBytes } from "../../../../glue-services/knowledge/read/read.ts";
import { longest } from "../../../../glue-services/knowledge/read/text.ts";
import { seeded } from "../../random.ts";

const read = (name: string, body: string | Uint8Array, media = "", charset?: string) =>
  readBytes({ name, media, charset, bytes: typeof body === "string" ? Buffer.from(body) : body });

/** Sentences of manuals, each in the encodings that its writers use. */
const sentences: [string[], string[]][] = [
  [
    ["windows-1252"],
    [
      "Königsbrücke",
      "Die Straße führt über die Brücke nach Köln.",
      "Où est passé l'élève préféré ?",
      "El niño pequeño comió en la habitación.",
      "Größe ändern und Schlüssel löschen",
      "Ça va très bien, à bientôt.",
    ],
  ],
  [
    ["gb18030", "gbk"],
    [
      "退款期限为三十天。",
      "请在收到货物后的三十天内提出申请，逾期不予受理。",
      "安装软件之前，请先备份所有数据。",
      "用户可以在系统设置中修改密码。",
    ],
  ],
  [
    ["big5"],
    ["退款期限為三十天。", "請在收到貨物後的三十天內提出申請，逾期不予受理。", "使用者可以在系統中修改設定。"],
  ],
  [
    ["shift_jis", "euc-jp"],
    [
      "灯台の管理人は鈴木です。",
      "合言葉は山川海である。",
      "このファイルを開いて設定を変更してください。",
      "カタカナのテストです。",
    ],
  ],
  [
    ["euc-kr"],
    [
      "환불 기한은 삼십 일입니다.",
      "기한이 지나면 환불할 수 없습니다.",
      "사용자는 설정에서 비밀번호를 바꿀 수 있습니다.",
    ],
  ],
  [
    ["windows-1251", "koi8-r"],
    ["Маяк стоит на скале.", "Срок возврата составляет тридцать дней.", "Перед установкой сделайте копию данных."],
  ],
  [
    ["utf-16le", "utf-16be"],
    ["A plain line of text.\nAnother one.", "Die Straße nach Köln ist lang."],
  ],
];

test("texts that declare no encoding are decoded rightly or refused, in 10,000 generated cases, and never with signs of replacement", async () => {
  const random = seeded(11);
  let [right, refused] = [0, 0];
  for (let at = 0; at < 10_000; at++) {
    const [encodings, lines] = random.pick(sentences);
    const encoding = random.pick(encodings);
    const latin = random.below(3) === 0 ? "DevFlow 4.2: config.yaml\n" : "";
    const text = latin + Array.from({ length: 1 + random.below(3) }, () => random.pick(lines)).join("\n");
    const bytes = iconv.encode(text, encoding);
    const told = await read("note.txt", bytes).catch((error: unknown) => error as Error);
    if (told instanceof ApiError) refused++;
    else {
      expect([encoding, told]).toEqual([encoding, expect.objectContaining({ content: text })]);
      right++;
    }
  }
  expect(refused).toBeLessThan(right / 20);
});

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
