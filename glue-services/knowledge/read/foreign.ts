/** A document of a kind that is not read. */
export interface Foreign {
  /** With its article, as "an Excel workbook". */
  is: string;
  /** What to do to have it read. */
  hint: string;
}

const asText = "Save it as .docx or .pdf and upload that.";
const asTable = "Save it as .csv, a file for each sheet, and upload those.";
const asPages = "Export it as .pdf and upload that.";

/** Streams of old Office's containers (MS-CFB), by which each of its programs is known. */
const streams: readonly [string, Foreign][] = [
  ["EncryptedPackage", { is: "locked by a password", hint: "Save it as .docx without a password and upload that." }],
  ["WordDocument", { is: "an old Word document (.doc)", hint: asText }],
  ["Workbook", { is: "an old Excel workbook (.xls)", hint: asTable }],
  ["PowerPoint Document", { is: "an old PowerPoint presentation (.ppt)", hint: asPages }],
];

/** Names and contents that archives have in the clear. */
const archives: readonly [string, Foreign][] = [
  ["xl/workbook", { is: "an Excel workbook", hint: asTable }],
  ["ppt/presentation", { is: "a PowerPoint presentation", hint: asPages }],
  ["application/epub+zip", { is: "an EPUB book", hint: asPages }],
  ["opendocument.spreadsheet", { is: "an OpenDocument file", hint: asTable }],
  ["opendocument.presentation", { is: "an OpenDocument file", hint: asPages }],
  ["opendocument", { is: "an OpenDocument file", hint: asText }],
];

/** What a document is that is not read, by its content; undefined for what is none that we know. */
export function foreignOf(bytes: Uint8Array): Foreign | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.subarray(0, 4).toString("latin1") === "\u00d0\u00cf\u0011\u00e0") {
    const known = streams.find(([name]) => all.includes(Buffer.from(name, "utf16le")))?.[1];
    return known ?? { is: "a document of an old Office, or locked by a password", hint: asText };
  }
  if (all.subarray(0, 5).toString("latin1") === "{\\rtf") return { is: "rich text (RTF)", hint: asText };
  if (all.subarray(0, 4).toString("latin1") !== "PK\u0003\u0004") return undefined;
  return archives.find(([name]) => all.includes(name))?.[1];
}
