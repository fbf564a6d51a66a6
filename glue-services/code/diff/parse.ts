/** One file of a diff. */
export interface DiffFile {
  /** Where it is now; where it was, when it is deleted. */
  path: string;
  /** Where it was, when it moved. */
  from?: string;
  change: "added" | "changed" | "deleted" | "moved";
  binary: boolean;
  lines: DiffLine[];
}

export interface DiffLine {
  mark: "@" | " " | "+" | "-";
  /** Number in the file as it was. */
  old?: number;
  /** Number in the file as it is now. */
  new?: number;
  text: string;
}

/** Reads what `git diff` writes. */
export function parseDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | undefined;
  let [old, now, oldLeft, newLeft] = [0, 0, 0, 0];
  for (const line of text.split("\n")) {
    if (file && (oldLeft > 0 || newLeft > 0)) {
      const mark = line[0] as DiffLine["mark"];
      const content = line.slice(1);
      if (mark === "+") file.lines.push({ mark, new: now++, text: content });
      else if (mark === "-") file.lines.push({ mark, old: old++, text: content });
      else if (mark === " ") file.lines.push({ mark, old: old++, new: now++, text: content });
      if (mark === "+" || mark === " ") newLeft--;
      if (mark === "-" || mark === " ") oldLeft--;
      // An empty line of a hunk that lost its one space on the way.
      if (line === "") {
        file.lines.push({ mark: " ", old: old++, new: now++, text: "" });
        newLeft--;
        oldLeft--;
      }
      continue;
    }
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (line.startsWith("diff --git ")) {
      file = { path: sameName(line.slice(11)), change: "changed", binary: false, lines: [] };
      files.push(file);
    } else if (file && hunk) {
      [old, now] = [Number(hunk[1]), Number(hunk[3])];
      [oldLeft, newLeft] = [Number(hunk[2] ?? 1), Number(hunk[4] ?? 1)];
      file.lines.push({ mark: "@", text: line });
    } else if (file) header(file, line);
  }
  return files;
}

function header(file: DiffFile, line: string): void {
  const [, word = "", rest = ""] = /^(---|\+\+\+|rename from|rename to|copy to) (.*)$/.exec(line) ?? [];
  if (line.startsWith("new file mode")) file.change = "added";
  else if (line.startsWith("deleted file mode")) file.change = "deleted";
  else if (line.startsWith("Binary files ") || line === "GIT binary patch") file.binary = true;
  else if (word === "rename from") Object.assign(file, { from: unquoted(rest), change: "moved" });
  else if (word === "rename to" || word === "copy to") file.path = unquoted(rest);
  else if (word === "---" && file.change === "deleted") file.path = withoutSide(rest);
  else if (word === "+++" && file.change !== "deleted") file.path = withoutSide(rest);
}

/** `a/name b/name`: both are the same where nothing else in the header says the name. */
function sameName(both: string): string {
  if (both.startsWith('"')) return withoutSide(/^"(?:[^"\\]|\\.)*"/.exec(both)?.[0] ?? both);
  return both.slice(2, (both.length - 1) / 2);
}

function withoutSide(text: string): string {
  // A name with a space in it is followed by a tab.
  return unquoted(text.replace(/\t$/, "")).replace(/^[ab]\//, "");
}

const escapes: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, '"': 34, "\\": 92 };

/** Git writes names with unusual characters in quotes, as C would: bytes in octal. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const bytes: number[] = [];
  const inner = text.slice(1, -1);
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] !== "\\") {
      bytes.push(...Buffer.from(inner[at] as string));
      continue;
    }
    const octal = /^[0-7]{3}/.exec(inner.slice(at + 1))?.[0];
    bytes.push(octal ? Number.parseInt(octal, 8) : (escapes[inner[at + 1] as string] ?? 63));
    at += octal ? 3 : 1;
  }
  return Buffer.from(bytes).toString("utf8");
}
